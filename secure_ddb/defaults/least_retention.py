"""For how long the tables of a company keep their records and backups at least."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from aws_cdk import Duration

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.durations import in_days
from secure_ddb.errors import reject, require_type

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True, repr=False)
class LeastRetention(BriefRepr):
    """The minimum retention of tables, in addition to their classification's; the longer one applies.

    Attributes:
        log_retention: Of the audit log, its archive and a trail of the table's own.
        recovery_period: How far back point-in-time recovery reaches; DynamoDB has at most 35 days.
        daily_backup: Of daily recovery points, where there are any.
        weekly_backup: Of weekly recovery points, where there are any.
        monthly_backup: Of monthly recovery points, where there are any.

    Raises:
        InvalidArgumentError: A value is no Duration of whole days.
    """

    log_retention: Duration | None = None
    recovery_period: Duration | None = None
    daily_backup: Duration | None = None
    weekly_backup: Duration | None = None
    monthly_backup: Duration | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        for field in fields(self):
            argument = f"least_retention.{field.name}"
            value = getattr(self, field.name)
            if value is not None:
                require_type(argument, value, Duration, "Duration or None")
                in_days(value, argument)
        if self.recovery_period is not None and self.days("recovery_period") > _LONGEST_RECOVERY_DAYS:
            reject("least_retention.recovery_period", f"{self.days('recovery_period')} days", "at most 35 days")

    def days(self, name: str) -> int:
        """Return one of them in days; 0 if it is not set."""
        value: Duration | None = getattr(self, name)
        return 0 if value is None else in_days(value, f"least_retention.{name}")

    @classmethod
    def strictest(cls, all_: Iterable[LeastRetention]) -> LeastRetention:
        """Return the longest of each."""
        longest: dict[str, Duration] = {}
        for each in all_:
            for field in fields(cls):
                days = each.days(field.name)
                if days and days > (in_days(longest[field.name], field.name) if field.name in longest else 0):
                    longest[field.name] = getattr(each, field.name)
        return cls(**longest)


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
_LONGEST_RECOVERY_DAYS = 35
NO_LEAST_RETENTION = LeastRetention()
