"""Settings of how AWS Lambda hands changes to the audit function."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from aws_cdk import Duration

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.durations import in_milliseconds
from secure_ddb.errors import reject, require_type

if TYPE_CHECKING:
    from secure_ddb.table_evidence import TableEvidence

# Lambda allows 10,000. More lines than these take several requests to CloudWatch Logs, of 1 MB each, and all have to be
# written in the function's minute. https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
_BATCH_SIZES = range(1, 1001)
# None at all, or retries without end, would lose or block changes: rule SecureDdb-AUD3.
_RETRIES = range(1, 101)
# The stream keeps a record for 24 hours. One is left to put it into the failure bucket.
_AGES_SECONDS = range(60, 23 * 60 * 60 + 1)


@dataclass(frozen=True, kw_only=True, repr=False)
class DeliverySettings(BriefRepr):
    """How AWS Lambda hands the changes of one table to the audit function; each table has an event source mapping.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html

    Attributes:
        batch_size: Most changes in a batch.
        retries: How often a batch is tried again; afterwards its changes are kept in the failure bucket.
        longest_age: How old a change may be that is still tried. Twelve hours leave as many to notice and repair.

    Raises:
        InvalidArgumentError: A value is out of its range.
    """

    batch_size: int = 100
    retries: int = 5
    longest_age: Duration = Duration.hours(12)

    def __post_init__(self) -> None:
        """Reject settings that lose changes, or block later ones."""
        for name, allowed in (("batch_size", _BATCH_SIZES), ("retries", _RETRIES)):
            value = getattr(self, name)
            require_type(f"audit.delivery.{name}", value, int)
            if isinstance(value, bool) or value not in allowed:
                reject(f"audit.delivery.{name}", value, f"{allowed[0]} to {allowed[-1]}")
        require_type("audit.delivery.longest_age", self.longest_age, Duration)
        milliseconds = in_milliseconds(self.longest_age, "audit.delivery.longest_age")
        if milliseconds % 1000 or milliseconds // 1000 not in _AGES_SECONDS:
            shown = f"{milliseconds} ms"
            reject("audit.delivery.longest_age", shown, "1 minute to 23 hours, in whole seconds")

    @cached_property
    def longest_age_seconds(self) -> int:
        """How old a change may be that is still tried, in seconds."""
        return in_milliseconds(self.longest_age) // 1000

    def record(self, evidence: TableEvidence) -> None:
        """Record what differs from the default."""
        default = DEFAULT_DELIVERY
        evidence.compare("audit.delivery.batch_size", self.batch_size, default.batch_size)
        evidence.compare("audit.delivery.retries", self.retries, default.retries)
        seconds = self.longest_age_seconds
        evidence.compare("audit.delivery.longest_age", seconds, default.longest_age_seconds, " seconds")


DEFAULT_DELIVERY = DeliverySettings()
