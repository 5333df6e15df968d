"""The function that keeps expired items: nothing else, nothing lost, and under the same name however often."""

from __future__ import annotations

import importlib
import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

from secure_ddb.item_archive.expired import FILTER
from secure_ddb.item_archive.handlers.expired.expired_items import index
from tests.detection.reference import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = Path(__file__).parents[1] / "audit" / "events"
BUCKET = "expired-bucket"


def records(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))["Records"]
    return found


EXPIRED = records("remove_by_time_to_live")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        importlib.reload(index)
        monkeypatch.setattr(index, "_client", {"s3": client}.__getitem__)
        monkeypatch.setenv("BUCKET", BUCKET)
        table = EXPIRED[0]["eventSourceARN"].split("/")[1]
        monkeypatch.setenv("NAMES", json.dumps({table: "sessions"}))
        yield client


def kept(s3: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of each object."""
    names = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    bodies = {name: s3.get_object(Bucket=BUCKET, Key=name)["Body"].read().decode() for name in names}
    return {name: [json.loads(line) for line in body.splitlines()] for name, body in bodies.items()}


def numbered(number: int) -> dict[str, Any]:
    record = deepcopy(EXPIRED[0])
    record["eventID"] = f"{number:032x}"
    record["dynamodb"]["SequenceNumber"] = str(10**24 + number)
    return record


def test_an_item_is_kept_as_it_was(s3: Any) -> None:
    assert index.handler({"Records": EXPIRED}, None) == {"kept": len(EXPIRED)}
    ((name, lines),) = kept(s3).items()
    assert name.startswith("sessions/expired/day=")
    assert [line["Item"] for line in lines] == [record["dynamodb"]["OldImage"] for record in EXPIRED]
    assert [line["event_id"] for line in lines] == [record["eventID"] for record in EXPIRED]


def test_a_batch_that_is_repeated_has_the_same_name(s3: Any) -> None:
    batch = [numbered(1), numbered(2), numbered(3)]
    for _ in range(2):
        index.handler({"Records": batch}, None)
    ((_, lines),) = kept(s3).items()
    assert len(lines) == 3
    assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 2


def test_halves_of_a_batch_have_other_names(s3: Any) -> None:
    batch = [numbered(number) for number in range(4)]
    for part in (batch, batch[:2], batch[2:], batch[:1]):
        index.handler({"Records": part}, None)
    found = kept(s3)
    assert len(found) == 4
    assert {line["event_id"] for lines in found.values() for line in lines} == {each["eventID"] for each in batch}


@pytest.mark.parametrize("name", ["insert", "modify", "remove"])
def test_other_changes_are_not_kept(s3: Any, name: str) -> None:
    assert index.handler({"Records": records(name)}, None) == {"kept": 0}
    assert kept(s3) == {}


def test_a_record_without_the_item_fails_the_batch(s3: Any) -> None:
    record = numbered(1)
    del record["dynamodb"]["OldImage"]
    with pytest.raises(KeyError, match="OldImage"):
        index.handler({"Records": [numbered(0), record]}, None)
    assert kept(s3) == {}


def test_a_failure_of_the_bucket_fails_the_batch(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "another-bucket")
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucket"):
        index.handler({"Records": [numbered(1)]}, None)


@pytest.mark.parametrize(
    ("name", "passes"), [("remove_by_time_to_live", True), ("remove", False), ("insert", False), ("modify", False)]
)
def test_the_filter_passes_expiries_only(name: str, passes: bool) -> None:  # noqa: FBT001
    assert {matches(json.loads(FILTER), record) for record in records(name)} == {passes}
