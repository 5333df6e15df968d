"""Log, key and function fail at random while changes are written: nothing is lost, and a replay completes the trail.

What can be wrong is in harness/outages.py. Some changes cannot be logged at first, whatever works.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import pytest

from secure_ddb import AuditSettings
from tests.e2e.audit import audit, verify
from tests.e2e.deployment import Deployment, bootstrap
from tests.e2e.emulator import REGION, Emulator, running
from tests.e2e.harness.delivery import EXHAUSTED, TOO_OLD
from tests.e2e.harness.outages import ARCHIVE, NOTHING_LEFT, Outage
from tests.e2e.stacks import assembly
from tests.e2e.table import Table
from tests.e2e.writer import POISON, Writer, changes_in_stream
from tests.orders import orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.model_of_aws(
    "aliases.py, delivery.py, environments.py, faults.py, mappings.py, outages.py, platform_logs.py"
)

SEED = 20_261_101
CHANGES = int(os.environ.get("SECURE_DDB_CHANGES") or "5000")
# Written while the mapping is disabled, so that the batches are the same in each run.
ROUND = 1_000
ROUND_SECONDS = 600
# What a line does not say of its change, but of how it came into the log. Objects of the bucket name the shard.
OF_DELIVERY = {"batch", "previous", "previous_lost", "link", "link_mac", "shard"}


@dataclass
class Story:
    """What happened, from the first change to the replay."""

    changes: list[str]
    lines: list[dict[str, Any]]
    missing: dict[str, Any]
    replay: dict[str, Any]
    replayed: dict[str, Any]
    outages: Counter[str]
    conditions: Counter[str]
    written: int


@pytest.fixture(scope="module")
def log() -> Iterator[IO[Any]]:
    with tempfile.TemporaryFile() as unnamed:
        yield unnamed


@pytest.fixture(scope="module")
def troubled(environment: None, log: IO[Any]) -> Iterator[Emulator]:  # noqa: ARG001
    """Return an emulator in which things go wrong while records are delivered."""
    with running("--faults", str(SEED), log=log) as started:
        bootstrap(started)
        started.client("s3").create_bucket(Bucket=ARCHIVE, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield started


def deployed(emulator: Emulator, folder: Path, *clear: str) -> Table:
    settings = AuditSettings(clear_attributes=clear)
    deployment = Deployment(emulator, assembly(folder, "Troubled", lambda stack: orders(stack, audit=settings)))
    deployment.deploy("Troubled")
    return Table(deployment, "Troubled")


def write(table: Table, writer: Writer, count: int) -> None:
    """Write changes, and wait until the mapping has read them."""
    client, mapping = table.client("lambda"), table.resource("AuditEventSource")
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    writer.write(count)
    client.update_event_source_mapping(UUID=mapping, Enabled=True)
    until = time.monotonic() + ROUND_SECONDS
    while client.get_event_source_mapping(UUID=mapping)["LastProcessingResult"] != NOTHING_LEFT:
        assert time.monotonic() < until
        time.sleep(0.1)


def archived(emulator: Emulator, folder: Path) -> list[Path]:
    """Download the lines of log groups that were deleted."""
    client = emulator.client("s3")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=ARCHIVE)
    files = []
    for listed in (each for page in pages for each in page.get("Contents", ())):
        file = folder / listed["Key"]
        file.write_bytes(client.get_object(Bucket=ARCHIVE, Key=listed["Key"])["Body"].read())
        files.append(file)
    return files


@pytest.fixture(scope="module")
def story(troubled: Emulator, log: IO[Any], folder: Path) -> Story:
    table = deployed(troubled, folder / "troubled", POISON)
    writer = Writer(table, SEED)
    while writer.written < CHANGES:
        write(table, writer, min(ROUND, CHANGES - writer.written))
    (folder / "archived").mkdir()
    before = archived(troubled, folder / "archived")
    key = table.client("kms").describe_key(KeyId=table.resource("AuditDigestKey"))["KeyMetadata"]["Arn"]
    missing = verify(table, folder / "missing", *before, key=key)
    # What could not be logged can be, as soon as the attribute's values are not to be logged any more.
    table = deployed(troubled, folder / "repaired")
    replay = json.loads(audit(troubled, "replay", table.name, "--json").stdout)
    replayed = verify(table, folder / "replayed", *before, key=key)
    events = [event for file in before for event in json.loads(file.read_text(encoding="utf-8"))["events"]]
    texts = [event["message"] for event in [*events, *table.log_events()]]
    log.seek(0)
    return Story(
        changes=[record["eventID"] for record in changes_in_stream(table)],
        lines=[json.loads(text) for text in texts if text.startswith('{"schema":1,"event_id":')],
        missing=missing,
        replay=replay,
        replayed=replayed,
        conditions=Counter(
            json.loads(file.read_text(encoding="utf-8"))["requestContext"]["condition"]
            for file in (folder / "missing" / "objects").rglob("*-*")
            if file.is_file()
        ),
        outages=Counter(re.findall(r"^outage: (\w+)$", log.read().decode(), re.MULTILINE)),
        written=writer.written,
    )


def of_change(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in OF_DELIVERY}


@pytest.mark.proves(
    "The log group was throttled, silent and deleted, the digest key disabled, the function killed and throttled, each "
    "several times; changes that are not in the audit log then are in the failure bucket, as a verification says"
)
def test_what_is_missing_is_known(story: Story) -> None:
    assert story.outages.keys() == {outage.name for outage in Outage}
    counts = {kind: count for kind, count in story.missing["finding_counts"].items() if count}
    assert counts == {"not logged": story.written - story.missing["records"]}
    assert 0 < counts["not logged"] == story.missing["failure_bucket"]["not_logged"] < story.written


@pytest.mark.proves("Records that have become too old are in the failure bucket as well, without another attempt")
def test_records_that_are_too_old(story: Story) -> None:
    assert story.conditions.keys() == {EXHAUSTED, TOO_OLD}


@pytest.mark.proves("After a replay the audit log has each change that is in the stream, and no other: nothing is lost")
def test_nothing_is_lost(story: Story) -> None:
    assert len(story.changes) == len(set(story.changes)) == story.written == CHANGES
    assert {line["event_id"] for line in story.lines} == set(story.changes)


@pytest.mark.proves("Lines about the same change have the same `event_id`, and say the same of it")
def test_duplicates_are_recognizable(story: Story) -> None:
    first: dict[str, dict[str, Any]] = {}
    for line in story.lines:
        assert of_change(first.setdefault(line["event_id"], line)) == of_change(line)
    repeated = len(story.lines) - len(first)
    assert 0 < repeated == story.replayed["duplicates"] + story.replayed["copies"]


@pytest.mark.proves("A verification then finds nothing wrong: each link and MAC is right, and nothing is missing")
def test_the_trail_is_complete(story: Story, record_property: Callable[[str, object], None]) -> None:
    assert story.replay["all_logged"]
    assert (story.replayed["intact"], story.replayed["origin"]["verified"]) == (True, True)
    assert (story.replayed["records"], story.replayed["failure_bucket"]["unchecked"]) == (CHANGES, "")
    outages = sum(story.outages.values())
    bucket = story.replayed["failure_bucket"]
    record_property(
        "figure",
        f"{CHANGES:,} changes were written during {outages} outages; {bucket['changes']:,} came into the bucket, in "
        f"{bucket['objects']:,} objects, {len(story.lines) - CHANGES:,} lines were repeated, and no change was lost",
    )
