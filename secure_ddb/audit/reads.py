"""Settings of the record of reads (AUD-2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.claim import require_claim
from secure_ddb.durations import in_days
from secure_ddb.errors import reject, require_type
from secure_ddb.table_evidence import READS

if TYPE_CHECKING:
    from secure_ddb.context import TableContext

# The longest retention of Object Lock.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
_RETENTION_DAYS = range(1, 36_501)


@dataclass(frozen=True, kw_only=True, repr=False)
class TableTrail(BriefRepr):
    """A CloudTrail trail of the table's own for its data events: who read and who wrote which item, and when.

    An account has five trails in a Region, each data event is charged, and the log files name items by their keys
    in clear, as CloudTrail writes them. docs/audit-trail.md says more.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html

    Attributes:
        retention: Days for which the log files are kept and cannot be deleted; afterwards they are.

    Raises:
        InvalidArgumentError: The retention is not 1 to 36500 whole days.
    """

    retention: Duration = Duration.days(400)

    def __post_init__(self) -> None:
        """Reject values that Amazon S3 does not accept."""
        require_type(f"{READS}.retention", self.retention, Duration)
        if self.retention_days not in _RETENTION_DAYS:
            reject(f"{READS}.retention", f"{self.retention_days} days", "1 to 36500 days")

    @property
    def retention_days(self) -> int:
        """Days for which the log files are kept."""
        return in_days(self.retention, f"{READS}.retention")

    def check(self, context: TableContext) -> None:
        """Compare with the classification's floor and record that there is a trail.

        Raises:
            InvalidArgumentError: The retention is below the floor.
        """
        least, allowed = context.least("log_retention")
        if self.retention_days < least:
            reject(f"{READS}.retention", f"{self.retention_days} days", allowed)
        context.evidence.settings[READS] = (
            f"a trail of the table's own; its log files show item keys in clear and are kept {self.retention_days} days"
        )


@dataclass(frozen=True, kw_only=True)
class OrganizationTrail:
    """The statement that a trail of the organization records the table's data events. Nothing here can verify it.

    It goes into the template and into the summary, as claimed.

    Attributes:
        trail: Which trail, by name or ARN.
        stated_by: Source of the claim, such as a ticket of the security team.

    Raises:
        InvalidArgumentError: A text is empty or not known at synth.
    """

    trail: str
    stated_by: str

    def __post_init__(self) -> None:
        """Reject an empty claim."""
        require_claim(READS, self)

    def check(self, context: TableContext) -> None:
        """Record the claim."""
        context.evidence.claims[READS] = f"{self.trail} records the table's data events (stated by {self.stated_by})"
