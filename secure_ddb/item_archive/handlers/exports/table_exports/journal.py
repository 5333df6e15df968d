"""What was done already: an object for each step of each export, in the bucket itself, where it is locked.

The names alone say what the next run has to know, so that it reads no object. docs/exports.sql reads their content.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .periods import moment_of, stamp

if TYPE_CHECKING:
    from .periods import Due

REQUESTED, COMPLETED, FAILED, LOST = "requested", "completed", "failed", "lost"
# LOST has no export.
_NO_EXPORT = "none"


@dataclass
class Attempt:
    """An attempt to make one export.

    Attributes:
        number: Which one, from 1 on.
        export_id: The end of the export's ARN.
        outcome: Completed, failed or lost; empty, as long as it is not known.
        since: When the last step was written, in seconds since 1970.
    """

    number: int
    export_id: str
    outcome: str
    since: float


class Journal:
    """The steps of a table's exports."""

    def __init__(self, s3: Any, bucket: str, table: str) -> None:  # noqa: ANN401 - a client of boto3
        """Take the bucket, and the table's name in it."""
        self._s3 = s3
        self._bucket = bucket
        self._folder = f"{table}/journal"

    def read(self, kind: str, since: int = 0) -> dict[int, list[Attempt]]:
        """Return the attempts by the start of what they export, from a moment on, all in the order of time."""
        folder = f"{self._folder}/{kind}/"
        found: dict[int, list[Attempt]] = {}
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=folder, StartAfter=f"{folder}{stamp(since)}"
        )
        for each in (each for page in pages for each in page.get("Contents", ())):
            start, name = each["Key"].removeprefix(folder).split("/")
            number, step, export_id = name.removesuffix(".json").split("_")
            attempts = found.setdefault(moment_of(start), [])
            if not attempts or attempts[-1].number != int(number):
                attempts.append(Attempt(int(number), export_id, "", 0))
            # An outcome comes before `requested` in S3's order, and is the later of the two.
            attempts[-1].outcome = attempts[-1].outcome or ("" if step == REQUESTED else step)
            attempts[-1].since = max(attempts[-1].since, each["LastModified"].timestamp())
        return found

    def write(self, due: Due, number: int, step: str, export_id: str = _NO_EXPORT, **more: object) -> None:
        """Write a step. Written twice, it is another version of the same object."""
        content = {
            "table": due.table,
            "kind": due.kind,
            "from": stamp(due.start),
            "to": stamp(due.end),
            "attempt": number,
            "step": step,
            "export": export_id,
            "prefix": due.prefix(number),
            **more,
        }
        self._s3.put_object(
            Bucket=self._bucket,
            Key=f"{self._folder}/{due.kind}/{stamp(due.start)}/{number:03}_{step}_{export_id}.json",
            Body=f"{json.dumps(content)}\n".encode(),
            # S3 demands a checksum where objects get locked.
            ChecksumAlgorithm="SHA256",
        )
