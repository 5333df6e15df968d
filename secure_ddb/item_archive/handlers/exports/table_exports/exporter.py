"""Does for one table what is due: asks what became of exports, and requests those that are missing.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from .journal import COMPLETED, FAILED, LOST, REQUESTED, Journal
from .periods import FULL, INCREMENTAL, Due, last_boundary, periods, stamp

if TYPE_CHECKING:
    from .journal import Attempt

_HOUR = 60 * 60
_DAY = 24 * _HOUR
# Point-in-time recovery reaches no further back, and so do exports.
_LONGEST_RECOVERY = 35 * _DAY
# An account and Region can run 300 exports at once.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
_MOST_REQUESTS = 20


@dataclass(frozen=True)
class Settings:
    """What is exported, and where to.

    Attributes:
        bucket: Name of the bucket.
        key_arn: The key that encrypts the objects.
        full_every: Seconds between two full exports; 0, if only the first one is made.
        incremental_every: Seconds of a period; 0, if there are no incremental exports.
    """

    bucket: str
    key_arn: str
    full_every: int
    incremental_every: int


@dataclass
class Exporter:
    """The exports of one table.

    Attributes:
        problems: What is not exported although it is due, for people.
    """

    dynamodb: Any
    s3: Any
    settings: Settings
    table: str
    table_arn: str
    now: float
    problems: list[str] = field(default_factory=list)
    _requests: int = 0

    def __post_init__(self) -> None:
        """Find the journal."""
        self._journal = Journal(self.s3, self.settings.bucket, self.table)

    def run(self) -> None:
        """Do what is due. Run again, it goes on where it was interrupted."""
        recovery = self.dynamodb.describe_continuous_backups(TableName=self.table_arn)
        window = recovery["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        if window["PointInTimeRecoveryStatus"] != "ENABLED":
            self.problems.append(f"{self.table}: point-in-time recovery is off, so nothing can be exported")
            return
        earliest = window["EarliestRestorableDateTime"].timestamp()
        # An export at the very end of what can be restored was not seen to fail, but there is no hurry.
        boundary = last_boundary(
            int(window["LatestRestorableDateTime"].timestamp()), self.settings.incremental_every or _DAY
        )
        fulls = self._journal.read(FULL)
        for due in self._fulls(fulls, boundary, earliest):
            self._advance(due, fulls.get(due.start, []), earliest)
        started = [start for start, attempts in fulls.items() if attempts[-1].outcome != LOST]
        if self.settings.incremental_every and started:
            self._incrementals(started[0], boundary, earliest)

    def _fulls(self, known: dict[int, list[Attempt]], boundary: int, earliest: float) -> list[Due]:
        """Return the full exports that are not there yet, and the next one once that is due.

        The first has to wait until the end of a period lies in what can be restored, for at most one period.
        """
        last = max((start for start, attempts in known.items() if attempts[-1].outcome != LOST), default=None)
        every = self.settings.full_every
        is_due = last is None or (every and boundary - last >= every)
        starts = [*known, boundary] if is_due and boundary >= earliest and boundary not in known else [*known]
        return [Due(self.table, FULL, start, start) for start in starts]

    def _incrementals(self, first: int, boundary: int, earliest: float) -> None:
        """Go through all periods since the first full export, as far back as exports reach, the oldest first."""
        seconds = self.settings.incremental_every
        horizon = last_boundary(int(self.now) - _LONGEST_RECOVERY, seconds) + seconds
        start = max(last_boundary(first, seconds), horizon)
        known = self._journal.read(INCREMENTAL, start)
        for due in periods(self.table, start, boundary, seconds):
            self._advance(due, known.get(due.start, []), earliest)

    def _advance(self, due: Due, attempts: list[Attempt], earliest: float) -> None:
        last = attempts[-1] if attempts else None
        if last and not last.outcome:
            self._look(due, last)
        elif last and last.outcome in (COMPLETED, LOST):
            return
        elif due.start < earliest:
            self._give_up(due, last)
        elif last and self.now - last.since < _pause(last.number):
            self._report(due, f"failed {last.number} times, the next attempt follows")
        elif self._requests < _MOST_REQUESTS:
            self._requests += 1
            self._request(due, last.number + 1 if last else 1)

    def _look(self, due: Due, attempt: Attempt) -> None:
        """Ask what became of an export. There is no event for it."""
        arn = f"{self.table_arn}/export/{attempt.export_id}"
        found = self.dynamodb.describe_export(ExportArn=arn)["ExportDescription"]
        if found["ExportStatus"] == COMPLETED.upper():
            self._journal.write(
                due,
                attempt.number,
                COMPLETED,
                attempt.export_id,
                items=found.get("ItemCount"),
                billed_bytes=found.get("BilledSizeBytes"),
                manifest=found.get("ExportManifest"),
            )
        elif found["ExportStatus"] == FAILED.upper():
            reason = f"{found.get('FailureCode')}: {found.get('FailureMessage')}"
            self._journal.write(due, attempt.number, FAILED, attempt.export_id, reason=reason)
            self._report(due, f"failed: {reason}")
        elif self.now - attempt.since > _DAY:
            self._report(due, f"has been running for more than a day: {arn}")

    def _request(self, due: Due, number: int) -> None:
        prefix = due.prefix(number)
        specification: dict[str, Any] = {"ExportTime": due.start}
        if due.kind == INCREMENTAL:
            specification = {
                "IncrementalExportSpecification": {
                    "ExportFromTime": due.start,
                    "ExportToTime": due.end,
                    "ExportViewType": "NEW_AND_OLD_IMAGES",
                }
            }
        try:
            requested = self.dynamodb.export_table_to_point_in_time(
                TableArn=self.table_arn,
                # The same for the same request, so that a run which ends before it has written that down does no harm.
                ClientToken=sha256(f"{self.table_arn} {self.settings.bucket} {prefix}".encode()).hexdigest()[:36],
                ExportFormat="DYNAMODB_JSON",
                ExportType=f"{due.kind.upper()}_EXPORT",
                S3Bucket=self.settings.bucket,
                S3Prefix=prefix,
                S3SseAlgorithm="KMS",
                S3SseKmsKeyId=self.settings.key_arn,
                **specification,
            )
        except self.dynamodb.exceptions.ClientError as error:
            self._report(due, f"cannot be requested: {error}")
            return
        self._journal.write(due, number, REQUESTED, requested["ExportDescription"]["ExportArn"].rpartition("/")[2])

    def _give_up(self, due: Due, last: Attempt | None) -> None:
        """Write down that it is too late. The next full export has the items, but not what happened in between."""
        self._journal.write(due, last.number + 1 if last else 1, LOST)
        self._report(due, "is lost: it began before what point-in-time recovery has")

    def _report(self, due: Due, what: str) -> None:
        self.problems.append(f"{due.table}: {due.kind} export of {stamp(due.start)} {what}")


def _pause(failures: int) -> int:
    """Return for how many seconds a failed export rests: not at all at first, later up to a day. Each may cost."""
    return min(failures - 1, 24) * _HOUR
