"""What can be chosen about the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk.aws_logs import RetentionDays

from secure_ddb.errors import reject, require_type

if TYPE_CHECKING:
    from secure_ddb.classification import DataClassification
    from secure_ddb.evidence import Evidence

# CDK's enumeration does not show its numbers to Python.
_RETENTION_DAYS = {
    RetentionDays.ONE_DAY: 1,
    RetentionDays.THREE_DAYS: 3,
    RetentionDays.FIVE_DAYS: 5,
    RetentionDays.ONE_WEEK: 7,
    RetentionDays.TWO_WEEKS: 14,
    RetentionDays.ONE_MONTH: 30,
    RetentionDays.TWO_MONTHS: 60,
    RetentionDays.THREE_MONTHS: 90,
    RetentionDays.FOUR_MONTHS: 120,
    RetentionDays.FIVE_MONTHS: 150,
    RetentionDays.SIX_MONTHS: 180,
    RetentionDays.ONE_YEAR: 365,
    RetentionDays.THIRTEEN_MONTHS: 400,
    RetentionDays.EIGHTEEN_MONTHS: 545,
    RetentionDays.TWO_YEARS: 731,
    RetentionDays.THREE_YEARS: 1096,
    RetentionDays.FIVE_YEARS: 1827,
    RetentionDays.SIX_YEARS: 2192,
    RetentionDays.SEVEN_YEARS: 2557,
    RetentionDays.EIGHT_YEARS: 2922,
    RetentionDays.NINE_YEARS: 3288,
    RetentionDays.TEN_YEARS: 3653,
    RetentionDays.INFINITE: 9999,
}


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """How the changes of items are recorded.

    Attributes:
        log_retention: How long the log group keeps the records.

    Raises:
        InvalidArgumentError: The value is not an `aws_logs.RetentionDays`.
    """

    log_retention: RetentionDays = RetentionDays.THIRTEEN_MONTHS

    def __post_init__(self) -> None:
        """Refuse numbers of days that CloudWatch Logs does not know."""
        require_type("audit.log_retention", self.log_retention, RetentionDays)

    def check(self, classification: DataClassification, evidence: Evidence) -> None:
        """Compare with the classification's floor and record what differs from the default.

        Raises:
            InvalidArgumentError: The retention is below the floor.
        """
        least = classification.floor.log_retention
        if _RETENTION_DAYS[self.log_retention] < least:
            reject(
                "audit.log_retention",
                self.log_retention.name,
                f"{least} days or more for {classification.name}",
            )
        evidence.compare("audit.log_retention", self.log_retention.name, DEFAULT_AUDIT.log_retention.name)


DEFAULT_AUDIT = AuditSettings()
