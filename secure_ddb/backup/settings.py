"""Settings of backups, and which plan each classification has by default (BAK-1, BAK-2)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, cast

from aws_cdk import Duration

from secure_ddb.backup.copies import LEAST_DAYS_WITH_COLD_STORAGE, BackupFrequency, check_copies, require_copies
from secure_ddb.backup.vault_lock import GOVERNANCE, VaultLock
from secure_ddb.brief_repr import BriefRepr
from secure_ddb.classification import DataClassification
from secure_ddb.durations import in_days
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.existing_resources import require_same_environment
from secure_ddb.limits import MOST_BACKUP_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_backup import IBackupVault

    from secure_ddb.backup.copies import BackupCopy
    from secure_ddb.context import TableContext

_RECOVERY_DAYS = range(1, 36)
_RULES = ("daily_retention", "weekly_retention", "monthly_retention")


@dataclass(frozen=True, kw_only=True, repr=False)
class BackupSettings(BriefRepr):
    """How the table's items are protected against loss. The defaults are those of CONFIDENTIAL tables.

    A recovery point is a full copy of the table, and costs as much. The plan has a rule for each retention that is not
    None, at least one.

    Attributes:
        vault: An existing vault instead of one made for the table. Its key and access policy cannot be seen at
            synth, and the summary says so.
        recovery_period_in_days: How far back point-in-time recovery reaches, 1 to 35 days.
        daily_retention: How long daily recovery points are kept, 1 to 36,500 days.
        weekly_retention: How long weekly recovery points are kept, 1 to 36,500 days.
        monthly_retention: How long monthly recovery points are kept, 180 to 36,500 days: they move to cold
            storage after 90 days, where AWS Backup keeps them for another 90 at least.
        lock: The lock of the vault that is made. Unless given, it is in governance mode and fits the plan.
        copies: Vaults of other Regions or accounts that keep copies of the recovery points.

    Raises:
        InvalidArgumentError: A value has the wrong type or is out of its range, or there is no rule. Or the lock would
            refuse recovery points of the plan, or is given together with an existing vault.
    """

    vault: IBackupVault | None = None
    recovery_period_in_days: int = 35
    daily_retention: Duration | None = None
    weekly_retention: Duration | None = Duration.days(35)
    monthly_retention: Duration | None = Duration.days(365)
    lock: VaultLock = GOVERNANCE
    copies: Sequence[BackupCopy] = ()

    def __post_init__(self) -> None:
        """Check every value against AWS's limits."""
        if self.vault is not None:
            require_interface("backup.vault", self.vault, "backup_vault_name", "an aws_backup.IBackupVault")
        require_type("backup.recovery_period_in_days", self.recovery_period_in_days, int)
        if isinstance(self.recovery_period_in_days, bool) or self.recovery_period_in_days not in _RECOVERY_DAYS:
            reject("backup.recovery_period_in_days", self.recovery_period_in_days, "1 to 35")
        retentions = self.retentions_in_days
        for name, days in retentions.items():
            least = LEAST_DAYS_WITH_COLD_STORAGE if name == "monthly_retention" else 1
            if days is not None and not least <= days <= MOST_BACKUP_DAYS:
                reject(f"backup.{name}", f"{days} days", f"{least} to {MOST_BACKUP_DAYS} days")
        if not any(retentions.values()):
            reject("backup", "a plan without rules", f"one of {', '.join(_RULES)}, or a Waiver instead")
        require_type("backup.lock", self.lock, VaultLock)
        if self.vault is not None and self.lock != GOVERNANCE:
            reject("backup.lock", self.lock, "only without backup.vault: an existing vault keeps its own lock")
        self.lock.check_retentions(days for days in retentions.values() if days is not None)
        require_copies(self.copies, self.frequencies)

    @property
    def frequencies(self) -> list[BackupFrequency]:
        """Which rules the plan has."""
        return [each for each in BackupFrequency if getattr(self, f"{each.value}_retention") is not None]

    @property
    def shortest_retention(self) -> Duration:
        """How long the recovery points that are kept the shortest are kept."""
        return self._retentions_by_days[0]

    @property
    def longest_retention(self) -> Duration:
        """How long the recovery points that are kept the longest are kept."""
        return self._retentions_by_days[-1]

    @property
    def _retentions_by_days(self) -> list[Duration]:
        retentions = {name: days for name, days in self.retentions_in_days.items() if days is not None}
        return [cast("Duration", getattr(self, name)) for name in sorted(retentions, key=retentions.__getitem__)]

    @property
    def retentions_in_days(self) -> dict[str, int | None]:
        """Name of each retention to its days, None for a rule that is left out."""
        periods: dict[str, int | None] = {}
        for name in _RULES:
            value = getattr(self, name)
            if value is not None:
                require_type(f"backup.{name}", value, Duration, "Duration or None")
            periods[name] = None if value is None else in_days(value, f"backup.{name}")
        return periods

    def check(self, context: TableContext) -> None:
        """Check against the classification's floor, and record deviations from its default.

        Raises:
            InvalidArgumentError: A period is below the floor, a rule is missing that the floor demands, the vault is in
                another Region or account, where a plan cannot name it, or choices are given with a lifecycle that
                keeps no backups.

        Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRuleInput.html
        """
        evidence = context.evidence
        default = DEFAULT_BACKUPS[context.classification]
        if context.lifecycle.is_ephemeral and self is not default:
            self._refuse_choices_of_ephemeral_tables()
        if self.vault is not None:
            require_same_environment("backup.vault", self.vault, context.environment, evidence)
            evidence.settings["backup.vault"] = "an existing vault"
        self.require_recovery_period(context)
        self.require_retentions(context, "backup")
        self.lock.check_floor(context.classification)
        if self.lock != GOVERNANCE:
            evidence.settings["backup.lock"] = self.lock.in_words
        check_copies(context, self.copies, self.frequencies)
        for name, days in self.retentions_in_days.items():
            evidence.compare(f"backup.{name}", _in_words(days), _in_words(default.retentions_in_days[name]))
        evidence.compare(
            "backup.recovery_period_in_days", self.recovery_period_in_days, default.recovery_period_in_days, " days"
        )

    def _refuse_choices_of_ephemeral_tables(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) is not field.default:
                reject(f"backup.{field.name}", "given", "only without Lifecycle.ephemeral(), which keeps no backups")

    def require_recovery_period(self, context: TableContext) -> None:
        """Reject a period of point-in-time recovery that is below the floor."""
        least, allowed = context.least("recovery_period")
        if self.recovery_period_in_days < least:
            longest = f"{least} to {_RECOVERY_DAYS[-1]} days"
            allowed = allowed.replace(f"{least} days or more", longest)
            reject("backup.recovery_period_in_days", self.recovery_period_in_days, allowed)

    def require_retentions(self, context: TableContext, argument: str) -> None:
        """Reject recovery points that are kept for too short a time, or are missing.

        Args:
            context: Of the table.
            argument: The name of these settings in the message.
        """
        every = context.classification.floor.must_have_every_backup
        floors = map(context.least, ("daily_backup", "weekly_backup", "monthly_backup"))
        for (name, days), (least, allowed) in zip(self.retentions_in_days.items(), floors, strict=True):
            if days is None and every:
                reject(f"{argument}.{name}", None, allowed)
            if days is not None and days < least:
                reject(f"{argument}.{name}", f"{days} days", allowed)


def _in_words(days: int | None) -> str:
    return "none" if days is None else f"{days} days"


# Why these: docs/decisions/backup-plans.md.
_MONTHLY = BackupSettings(weekly_retention=None, monthly_retention=Duration.days(180))
DEFAULT_BACKUPS = {
    DataClassification.PUBLIC: _MONTHLY,
    DataClassification.INTERNAL: _MONTHLY,
    DataClassification.CONFIDENTIAL: BackupSettings(),
    DataClassification.RESTRICTED: BackupSettings(
        daily_retention=Duration.days(35), weekly_retention=Duration.days(90)
    ),
}
