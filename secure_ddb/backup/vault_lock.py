"""The lock of a backup vault: minimum retention of recovery points, and whether it can be removed (BAK-2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_backup import LockConfiguration

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.durations import in_days
from secure_ddb.errors import reject, require_type
from secure_ddb.limits import MOST_BACKUP_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.classification import DataClassification

_CHANGEABLE_DAYS = range(3, MOST_BACKUP_DAYS + 1)


@dataclass(frozen=True, kw_only=True, repr=False)
class VaultLock(BriefRepr):
    """The lock of the vault that is made. Without arguments it fits the plan.

    As made here it is in governance mode: roles with `backup:DeleteBackupVaultLockConfiguration` can lift it, so that a
    mistake can be repaired. `compliance_that_cannot_be_undone` makes one that cannot be removed.

    Attributes:
        min_retention: The least time for which the vault takes recovery points, 1 to 36,500 days. Unless given, the
            plan's shortest retention.
        max_retention: The longest time for which it takes them. Unless given, the plan's longest retention for a
            RESTRICTED table, and no limit for others.
        changeable_for: In compliance mode, the time in which the lock can still be lifted. None in governance mode.

    Raises:
        InvalidArgumentError: A period is out of its range, or the shortest one is longer than the longest.

    Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
    """

    min_retention: Duration | None = None
    max_retention: Duration | None = None
    changeable_for: Duration | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Check both periods."""
        least = self._checked("min_retention")
        longest = self._checked("max_retention")
        if least and longest and least > longest:
            reject("backup.lock.min_retention", f"{least} days", f"at most max_retention, {longest} days")

    @classmethod
    def compliance_that_cannot_be_undone(
        cls, *, changeable_for: Duration, min_retention: Duration, max_retention: Duration | None = None
    ) -> VaultLock:
        """Return a lock in compliance mode.

        **Once `changeable_for` has passed, neither the account's root nor AWS can lift or change it.** Recovery points
        cannot be deleted before their retention ends, and cost until then. The vault cannot be deleted while it holds
        any. A deployment that changes the lock fails, so its limits are named here, and do not follow the plan.

        Args:
            changeable_for: The time from the deployment on in which the lock can be lifted, 3 to 36,500 days.
            min_retention: As of every lock.
            max_retention: As of every lock.

        Raises:
            InvalidArgumentError: A period has the wrong type or is out of its range.

        Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
        """
        require_type("backup.lock.changeable_for", changeable_for, Duration)
        require_type("backup.lock.min_retention", min_retention, Duration)
        days = in_days(changeable_for, "backup.lock.changeable_for")
        if days not in _CHANGEABLE_DAYS:
            reject("backup.lock.changeable_for", f"{days} days", f"3 to {MOST_BACKUP_DAYS} days")
        lock = cls(min_retention=min_retention, max_retention=max_retention)
        object.__setattr__(lock, "changeable_for", changeable_for)
        return lock

    def _checked(self, name: str) -> int | None:
        value = getattr(self, name)
        if value is None:
            return None
        require_type(f"backup.lock.{name}", value, Duration, "Duration or None")
        days = in_days(value, f"backup.lock.{name}")
        if not 1 <= days <= MOST_BACKUP_DAYS:
            reject(f"backup.lock.{name}", f"{days} days", f"1 to {MOST_BACKUP_DAYS} days")
        return days

    def check_retentions(self, retentions: Iterable[int]) -> None:
        """Reject limits that exclude retentions of a plan, in days: AWS Backup fails such jobs."""
        kept = sorted(retentions)
        least, longest = self._checked("min_retention"), self._checked("max_retention")
        if least and least > kept[0]:
            reject("backup.lock.min_retention", f"{least} days", f"1 to {kept[0]} days, the plan's shortest retention")
        if longest and longest < kept[-1]:
            allowed = f"{kept[-1]} days, the plan's longest retention, to {MOST_BACKUP_DAYS} days"
            reject("backup.lock.max_retention", f"{longest} days", allowed)

    def check_floor(self, classification: DataClassification) -> None:
        """Reject limits that are below the classification's floor."""
        floor, level = classification.floor, classification.name
        least = self._checked("min_retention")
        if least and least < floor.daily_backup:
            reject("backup.lock.min_retention", f"{least} days", f"{floor.daily_backup} days or more for {level}")
        if self.changeable_for is not None and floor.must_limit_backups and self.max_retention is None:
            reject("backup.lock.max_retention", None, f"a Duration for {level}: its backups have to end")

    def of_plan(
        self, classification: DataClassification, *, shortest: Duration, longest: Duration
    ) -> LockConfiguration:
        """Return the lock for a vault, with the limits that are not given taken from the plan."""
        follows_plan = classification.floor.must_limit_backups and self.changeable_for is None
        return LockConfiguration(
            min_retention=self.min_retention or shortest,
            max_retention=self.max_retention or (longest if follows_plan else None),
            changeable_for=self.changeable_for,
        )

    @property
    def in_words(self) -> str:
        """The lock as the summary shows it."""
        limits = [
            f"{words} {self._checked(name)} days"
            for name, words in (("min_retention", "at least"), ("max_retention", "at most"))
            if getattr(self, name) is not None
        ]
        if self.changeable_for is not None:
            days = in_days(self.changeable_for, "backup.lock.changeable_for")
            return f"compliance mode, {', '.join(limits)}; removable only within {days} days of deployment"
        return f"governance mode, {', '.join(limits) or 'as long as the plan'}"


GOVERNANCE = VaultLock()
