"""Writes long audit trails, in each of the forms in which they leave CloudWatch Logs."""

from __future__ import annotations

import gzip
import json
from contextlib import ExitStack
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.stream_events import MIX, SMALL, event_text
from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from secure_ddb.audit_trail.handler.audit_trail.keys import key_digest
from secure_ddb.audit_trail.handler.audit_trail.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

_ENVIRONMENTS = 4
_FIRST_SECOND = 1768469400
_TIME = "2026-01-15T09:30:00"


class Written(NamedTuple):
    """A batch in the log: its log stream and its lines."""

    stream: str
    lines: list[str]


def batches(
    number: int, size: int, tables: Sequence[str] = ("Orders",), clear: Sequence[str] = ()
) -> Iterator[Written]:
    """Return batches of a number of changes in all.

    Args:
        number: Of changes.
        size: The number of changes in a batch.
        tables: Their tables. Each has execution environments of its own.
        clear: Attributes whose values are logged.
    """
    random = Random(number)  # noqa: S311 - the same trail in every run
    settings = Settings(key_digest(bytes(32)), "arn:aws:dynamodb:", frozenset(clear))
    records = json.loads(event_text(SMALL, MIX * 20))["Records"]
    links: dict[tuple[str, int], str | None] = {}
    for start in range(0, number, size):
        table, environment = random.choice(tables), random.randrange(_ENVIRONMENTS)
        count = min(size, number - start)
        changes = [
            _change(random, record, start + place, table)
            for place, record in enumerate(random.choices(records, k=count))
        ]
        batch = write_batch(changes, settings, "shardId-00000001768469400123-5a6b7c8d", links.get((table, environment)))
        batch.add_mac(lambda link: sha256(link.encode()).digest())
        links[table, environment] = batch.link
        yield Written(f"2026/01/15/{table}[$LATEST]{environment:032x}", batch.lines)


def _change(random: Random, record: dict[str, Any], number: int, table: str) -> dict[str, Any]:
    """Return a record as a change of its own, of a table."""
    change = record["dynamodb"] | {
        "SequenceNumber": str(5200000000047189201511001 + number),
        "ApproximateCreationDateTime": _FIRST_SECOND + number // 50,
    }
    return record | {
        "eventID": f"{random.getrandbits(128):032x}",
        "eventSourceARN": record["eventSourceARN"].replace("Orders", table),
        "dynamodb": change,
    }


def plain(trail: Iterable[Written], folder: Path) -> None:
    """Write lines."""
    with (folder / "lines").open("w") as file:
        file.writelines(f"{line}\n" for batch in trail for line in batch.lines)


def archived(trail: Iterable[Written], folder: Path) -> None:
    """Write what the archive has: compressed lines, as Firehose extracts them."""
    with gzip.open(folder / "lines.gz", "wt", compresslevel=6) as file:
        file.writelines(f"{line}\n" for batch in trail for line in batch.lines)


def exported(trail: Iterable[Written], folder: Path) -> None:
    """Write an export to S3: a folder with compressed files for each log stream."""
    files: dict[str, Any] = {}
    with ExitStack() as stack:
        for batch in trail:
            name = batch.stream.replace("/", "-")
            if name not in files:
                (folder / name).mkdir()
                files[name] = stack.enter_context(gzip.open(folder / name / "000000.gz", "wt", compresslevel=6))
            files[name].writelines(f"{_TIME}.123Z {line}\n" for line in batch.lines)


def tailed(trail: Iterable[Written], folder: Path) -> None:
    """Write what `aws logs tail` prints."""
    with (folder / "tailed").open("w") as file:
        file.writelines(f"{_TIME}.123000+00:00 {batch.stream} {line}\n" for batch in trail for line in batch.lines)


def listed(trail: Iterable[Written], folder: Path) -> None:
    """Write what `aws logs filter-log-events` prints."""
    with (folder / "listed.json").open("w") as file:
        file.write('{\n    "events": [')
        between = ""
        for batch in trail:
            for line in batch.lines:
                event = {"logStreamName": batch.stream, "timestamp": 1768469400123, "message": line}
                event |= {"ingestionTime": 1768469400123, "eventId": "3" * 56}
                text = json.dumps(event, indent=4).replace("\n", "\n        ")
                file.write(f"{between}\n        {text}")
                between = ","
        file.write('\n    ],\n    "searchedLogStreams": []\n}\n')


def delivered(trail: Iterable[Written], folder: Path) -> None:
    """Write what Firehose delivers as CloudWatch Logs has sent it: a compressed document for each batch."""
    with (folder / "delivered").open("wb") as file:
        for batch in trail:
            events = [{"id": "3" * 56, "timestamp": 1768469400123, "message": line} for line in batch.lines]
            document = {"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "Orders"}
            content = document | {"logStream": batch.stream, "subscriptionFilters": ["all"], "logEvents": events}
            file.write(gzip.compress(json.dumps(content, separators=(",", ":")).encode()))


FORMS: dict[str, Callable[[Iterable[Written], Path], None]] = {
    "lines": plain,
    "archive (lines, gzip)": archived,
    "export to S3 (gzip)": exported,
    "aws logs tail": tailed,
    "filter-log-events": listed,
    "subscription (gzip)": delivered,
}
