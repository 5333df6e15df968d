"""Point-in-time recovery (BAK-1) and AWS Backup (BAK-2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

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
from secure_ddb.backup_settings import COLD_STORAGE_AFTER, DEFAULT_BACKUPS, BackupSettings
from secure_ddb.key_actions import USE
from secure_ddb.monitoring.backup_jobs import missing_daily_backup, missing_weekly_backup, notify_of_failed_jobs
from secure_ddb.part import Part, resolve
from secure_ddb.table_evidence import Guarantee

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import Duration
    from aws_cdk.aws_iam import Role

    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.table_key import KeyPolicy, TableKey
    from secure_ddb.waiver import Waiver

# Of a plan and of a vault.
_LONGEST_NAME = 50


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

    def __init__(self, context: TableContext, given: BackupSettings | Waiver | None) -> None:
        """Check the settings. None stands for the default of the table's classification."""
        self._context = context
        self._default = DEFAULT_BACKUPS[context.classification]
        given = self._default if given is None else given
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
        return None if self._context.lifecycle.is_ephemeral else (self._given or self._default).recovery_period_in_days

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
        """Watch that backups complete, unless they are monthly: no alarm looks back for that long.

        Metrics of an existing vault count all its tables.
        """
        if self._settings is None or self.made is None or not self.made.own_vault_name:
            return
        if self._settings.daily_retention:
            yield missing_daily_backup(self.made.own_vault_name)
        elif self._settings.weekly_retention:
            yield missing_weekly_backup(self.made.own_vault_name)

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
    """Keep recovery points of the table in a vault, by a rule for each retention."""
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
            "that backups of this table complete on schedule: the metrics of an existing vault count all its tables",
        ]
    if not (settings.daily_retention or settings.weekly_retention):
        context.evidence.not_verifiable.append(
            "that a backup of this table is started each month: no alarm looks back for more than seven days"
        )
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
def _rules(daily: Duration | None, weekly: Duration | None, monthly: Duration | None) -> list[BackupPlanRule]:
    """Make the rules; tables with the same periods share them."""
    rules = []
    if daily:
        schedule = Schedule.cron(hour="5", minute="0")
        rules.append(BackupPlanRule(rule_name="Daily", schedule_expression=schedule, delete_after=daily))
    if weekly:
        schedule = Schedule.cron(hour="5", minute="0", week_day="SUN")
        rules.append(BackupPlanRule(rule_name="Weekly", schedule_expression=schedule, delete_after=weekly))
    if monthly:
        schedule = Schedule.cron(hour="5", minute="0", day="1")
        rules.append(
            BackupPlanRule(
                rule_name="Monthly",
                schedule_expression=schedule,
                delete_after=monthly,
                move_to_cold_storage_after=COLD_STORAGE_AFTER,
            )
        )
    return rules
