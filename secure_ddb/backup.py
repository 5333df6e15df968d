"""Point-in-time recovery (BAK-1) and AWS Backup (BAK-2)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration
from aws_cdk.aws_backup import (
    BackupPlan,
    BackupPlanRule,
    BackupResource,
    BackupVault,
    IBackupVault,
    LockConfiguration,
)
from aws_cdk.aws_events import Schedule

from secure_ddb.backup_role import let_back_up, make_backup_role
from secure_ddb.brief_repr import BriefRepr
from secure_ddb.durations import in_days
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.existing_resources import require_same_environment
from secure_ddb.key_actions import USE
from secure_ddb.limits import MOST_BACKUP_DAYS
from secure_ddb.monitoring.backup_jobs import backup_measure, notify_of_failed_jobs
from secure_ddb.part import Part, resolve
from secure_ddb.table_evidence import Guarantee

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.aws_iam import Role

    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.table_key import KeyPolicy, TableKey
    from secure_ddb.waiver import Waiver

# https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html#backup-lifecycle
_COLD_STORAGE_AFTER = Duration.days(90)
_LEAST_DAYS_WITH_COLD_STORAGE = 180
_RECOVERY_DAYS = range(1, 36)
# Of a plan and of a vault.
_LONGEST_NAME = 50


@dataclass(frozen=True, kw_only=True, repr=False)
class BackupSettings(BriefRepr):
    """How the table's items are kept against loss.

    Attributes:
        vault: An existing vault instead of one made for the table. Its key and access policy cannot be seen at
            synth, and the summary says so.
        recovery_period_in_days: How far back point-in-time recovery reaches, 1 to 35 days.
        daily_retention: How long daily recovery points are kept, 1 to 36,500 days.
        weekly_retention: How long weekly recovery points are kept, 1 to 36,500 days.
        monthly_retention: How long monthly recovery points are kept, 180 to 36,500 days: they move to cold
            storage after 90 days, where AWS Backup keeps them for another 90 at least.

    Raises:
        InvalidArgumentError: A value has the wrong type or is out of its range.
    """

    vault: IBackupVault | None = None
    recovery_period_in_days: int = 35
    daily_retention: Duration = Duration.days(35)
    weekly_retention: Duration = Duration.days(90)
    monthly_retention: Duration = Duration.days(365)

    def __post_init__(self) -> None:
        """Check every value against what AWS accepts."""
        if self.vault is not None:
            require_interface("backup.vault", self.vault, "backup_vault_name", "an aws_backup.IBackupVault")
        require_type("backup.recovery_period_in_days", self.recovery_period_in_days, int)
        if isinstance(self.recovery_period_in_days, bool) or self.recovery_period_in_days not in _RECOVERY_DAYS:
            reject("backup.recovery_period_in_days", self.recovery_period_in_days, "1 to 35")
        for name, days in self._retentions().items():
            least = _LEAST_DAYS_WITH_COLD_STORAGE if name == "monthly_retention" else 1
            if not least <= days <= MOST_BACKUP_DAYS:
                reject(f"backup.{name}", f"{days} days", f"{least} to {MOST_BACKUP_DAYS} days")

    @property
    def shortest_retention(self) -> Duration:
        """How long the recovery points that are kept the shortest are kept."""
        retentions = self._retentions()
        return cast("Duration", getattr(self, min(retentions, key=retentions.__getitem__)))

    def _refuse_choices_of_ephemeral_tables(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) is not getattr(DEFAULT_BACKUP, field.name):
                reject(f"backup.{field.name}", "given", "only without Lifecycle.ephemeral(), which keeps no backups")

    def _retentions(self) -> dict[str, int]:
        periods = {}
        for name in ("daily_retention", "weekly_retention", "monthly_retention"):
            value = getattr(self, name)
            require_type(f"backup.{name}", value, Duration)
            periods[name] = in_days(value, f"backup.{name}")
        return periods

    def check(self, context: TableContext) -> None:
        """Compare with the classification's floor and record what differs from the default.

        Raises:
            InvalidArgumentError: A period is below the floor, the vault is in another Region or account, where a plan
                cannot name it, or there are choices beside a lifecycle that keeps no backups.

        Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRuleInput.html
        """
        evidence = context.evidence
        if context.lifecycle.is_ephemeral:
            self._refuse_choices_of_ephemeral_tables()
        if self.vault is not None:
            require_same_environment("backup.vault", self.vault, context.environment, evidence)
            evidence.settings["backup.vault"] = "an existing vault"
        floor = context.classification.floor
        level = context.classification.name
        if self.recovery_period_in_days < floor.recovery_period:
            reject(
                "backup.recovery_period_in_days",
                self.recovery_period_in_days,
                f"{floor.recovery_period} to {_RECOVERY_DAYS[-1]} days for {level}",
            )
        retentions = self._retentions()
        floors = (floor.daily_backup, floor.weekly_backup, floor.monthly_backup)
        for (name, days), least in zip(retentions.items(), floors, strict=True):
            if days < least:
                reject(f"backup.{name}", f"{days} days", f"{least} days or more for {level}")
            evidence.compare(f"backup.{name}", days, DEFAULT_BACKUP._retentions()[name], " days")
        evidence.compare(
            "backup.recovery_period_in_days",
            self.recovery_period_in_days,
            DEFAULT_BACKUP.recovery_period_in_days,
            " days",
        )


DEFAULT_BACKUP = BackupSettings()


@dataclass(frozen=True, kw_only=True)
class TableBackup:
    """What AWS Backup needs to keep the table.

    Attributes:
        vault: The vault with its recovery points.
        plan: The plan that makes them.
        own_vault_name: Name of the vault if it is this table's only; metrics tell vaults apart, not tables.
    """

    vault: IBackupVault
    plan: BackupPlan
    own_vault_name: str


class Backup(Part):
    """Point-in-time recovery of the table, and its recovery points in AWS Backup."""

    def __init__(self, context: TableContext, given: BackupSettings | Waiver) -> None:
        """Check the settings."""
        self._context = context
        self._given = resolve(context, "backup", given, BackupSettings, Guarantee.BACKUP)
        # A vault that holds recovery points cannot be deleted.
        self._settings = None if context.lifecycle.is_ephemeral else self._given
        self._role: Role | None = None
        self.made: TableBackup | None = None

    @property
    def recovery_period_in_days(self) -> int | None:
        """How far back point-in-time recovery reaches; a waiver of the backups does not shorten it.

        An ephemeral table has none: deleting a table with point-in-time recovery leaves a system backup of all items
        for 35 days, which cannot be deleted.
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
        """
        return None if self._context.lifecycle.is_ephemeral else (self._given or DEFAULT_BACKUP).recovery_period_in_days

    def make_role(self) -> Role | None:
        """Make the role of AWS Backup, if there are backups: before the table, whose policy names it."""
        if self._settings is not None:
            self._role = make_backup_role(self._context)
        return self._role

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let AWS Backup encrypt the recovery points in the vault that is made."""
        makes_vault = self._settings is not None and self._settings.vault is None
        return backup_key_statements(policy) if makes_vault else []

    def make(self, table: MadeTable) -> None:
        """Make the vault, if none is given, and the plan."""
        if self._settings is not None and self._role is not None:
            self.made = _back_up(self._context, self._settings, self._role, table.arn, table.key)

    def measures(self, _table: MadeTable, _alarms: AlarmSettings) -> Iterable[Measure]:
        """Watch that backups complete; metrics of an existing vault count all its tables."""
        return [backup_measure(self.made.own_vault_name)] if self.made and self.made.own_vault_name else []

    def notify(self, table: MadeTable, topic_arn: str) -> None:
        """Send failed backup jobs to the topic."""
        if self.made is not None:
            notify_of_failed_jobs(self._context, table.arn, topic_arn)


def backup_key_statements(policy: KeyPolicy) -> list[dict[str, Any]]:
    """Return what AWS Backup needs of the key of a vault."""
    return [
        policy.use_through("backup", "UseThroughBackup", USE),
        policy.grants_through("backup", "GrantThroughBackup"),
    ]


def _back_up(context: TableContext, settings: BackupSettings, role: Role, table_arn: str, key: TableKey) -> TableBackup:
    """Keep daily, weekly and monthly recovery points of the table in a vault."""
    scope = context.scope
    vault, own_vault_name = settings.vault, ""
    if vault is None:
        # A vault's key cannot change. With another name for another key, CloudFormation can replace the vault.
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-backup-backupvault.html
        own_vault_name = context.regional_name(_LONGEST_NAME, key.name)
        vault = BackupVault(
            scope,
            "BackupVault",
            backup_vault_name=own_vault_name,
            encryption_key=key.key,
            # An access policy: recovery points end by their retention and in no other way.
            # https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
            block_recovery_point_deletion=True,
            # In governance mode: whoever holds the permission can lift it, so that a mistake can be repaired.
            # https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
            lock_configuration=LockConfiguration(min_retention=settings.shortest_retention),
            removal_policy=context.lifecycle.removal_policy,
        )
    else:
        context.evidence.not_verifiable += [
            "key, access policy and lock of the existing backup vault",
            "that a backup of this table completes each day: the metrics of an existing vault count all its tables",
        ]
    plan = BackupPlan(
        scope,
        "BackupPlan",
        backup_plan_name=context.regional_name(_LONGEST_NAME),
        backup_vault=vault,
        backup_plan_rules=_rules(settings.daily_retention, settings.weekly_retention, settings.monthly_retention),
    )
    let_back_up(context, role, table_arn, key)
    plan.add_selection(
        "Selection",
        # By ARN: a selection by tags takes every resource that has any one of them.
        resources=[BackupResource.from_arn(table_arn)],
        role=role,
        # AWS's managed policy would let the role copy and restore every table of the account.
        disable_default_backup_policy=True,
    )
    return TableBackup(vault=vault, plan=plan, own_vault_name=own_vault_name)


@cache
def _rules(daily: Duration, weekly: Duration, monthly: Duration) -> list[BackupPlanRule]:
    """Make the rules; tables with the same periods share them."""
    return [
        BackupPlanRule(
            rule_name="Daily",
            schedule_expression=Schedule.cron(hour="5", minute="0"),
            delete_after=daily,
        ),
        BackupPlanRule(
            rule_name="Weekly",
            schedule_expression=Schedule.cron(hour="5", minute="0", week_day="SUN"),
            delete_after=weekly,
        ),
        BackupPlanRule(
            rule_name="Monthly",
            schedule_expression=Schedule.cron(hour="5", minute="0", day="1"),
            delete_after=monthly,
            move_to_cold_storage_after=_COLD_STORAGE_AFTER,
        ),
    ]
