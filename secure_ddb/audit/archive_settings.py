"""Settings of the archive of the audit trail (AUD-3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.durations import in_days
from secure_ddb.errors import reject, require_type
from secure_ddb.table_evidence import ARCHIVE

if TYPE_CHECKING:
    from secure_ddb.context import TableContext

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
_RETENTION_DAYS = range(1, 36_501)


@dataclass(frozen=True, kw_only=True, repr=False)
class ArchiveSettings(BriefRepr):
    """A write-once copy of the audit log in Amazon S3, which Athena can query. docs/archive.md says what it costs.

    Attributes:
        retention: How long an object can be neither altered nor deleted, in whole days; seven years, unless given.
            Afterwards it is deleted.

    Raises:
        InvalidArgumentError: The retention is not 1 to 36500 whole days.
    """

    retention: Duration = Duration.days(2557)

    def __post_init__(self) -> None:
        """Reject values that Amazon S3 does not accept."""
        require_type("audit.archive.retention", self.retention, Duration)
        if self.retention_in_days not in _RETENTION_DAYS:
            reject("audit.archive.retention", f"{self.retention_in_days} days", "1 to 36500 days")

    @property
    def retention_in_days(self) -> int:
        """Days for which an object is locked."""
        return in_days(self.retention, "audit.archive.retention")

    def check(self, context: TableContext) -> None:
        """Check against the classification's floor, and record deviations from the default.

        Raises:
            InvalidArgumentError: The retention is below the floor of the log, or the table's lifecycle rules an archive
                out.
        """
        floor, evidence = context.classification.floor, context.evidence
        if context.lifecycle.is_ephemeral:
            reject("audit.archive", self, "only without Lifecycle.ephemeral(): locked objects would keep the bucket")
        days = self.retention_in_days
        least, allowed = context.least("log_retention")
        if days < least:
            reject("audit.archive.retention", f"{days} days", allowed)
        if floor.must_be_archived:
            evidence.compare("audit.archive.retention", days, DEFAULT_ARCHIVE.retention_in_days, " days")
        else:
            evidence.settings[ARCHIVE] = f"made, locked for {days} days (default none)"


DEFAULT_ARCHIVE = ArchiveSettings()
