"""Point-in-time recovery (BAK-1) and AWS Backup (BAK-2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from aws_cdk.aws_backup import (
    BackupPlan,
    BackupPlanRule,
    BackupResource,
    BackupSelection,
    BackupVault,
    IBackupVault,
)
from aws_cdk.aws_events import Schedule

from secure_ddb.backup.copies import COLD_STORAGE_AFTER, BackupFrequency, copy_actions
from secure_ddb.backup.role import let_back_up, make_backup_role
from secure_ddb.backup.settings import DEFAULT_BACKUPS, BackupSettings
from secure_ddb.encryption.key_actions import USE
from secure_ddb.monitoring.backup_jobs import missing_daily_backup, missing_weekly_backup, notify_of_failed_jobs
from secure_ddb.part import Part, resolve
from secure_ddb.table_evidence import Guarantee

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from aws_cdk import Duration
    from aws_cdk.aws_backup import BackupPlanCopyActionProps, IBackupPlan
    from aws_cdk.aws_iam import Role
    from constructs import Construct

    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.encryption.table_key import KeyPolicy, TableKey
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.table_evidence import TableEvidence
    from secure_ddb.waivers.waiver import Waiver

_DAYS: dict[BackupFrequency, dict[str, str]] = {
    BackupFrequency.DAILY: {},
    BackupFrequency.WEEKLY: {"week_day": "SUN"},
    BackupFrequency.MONTHLY: {"day": "1"},
}
# Of a plan and of a vault.
_LONGEST_NAME = 50
# Of a plan. https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html
_MOST_SELECTIONS = 100


@dataclass(kw_only=True)
class Plan:
    """A backup plan as a table sees it that it backs up.

    Attributes:
        plan: The plan; of shared ones, the one that the latest table is in.
        vault: The vault with its recovery points; None if only another app knows it.
        evidence: Evidence of a table that shares the plan.
        further: Makes a further plan like it, by its number; None if that is not possible.
        settings: For how long recovery points are kept; None if only another app knows it.
        copy_vaults: ARNs of the vaults that its recovery points are copied to.
    """

    plan: IBackupPlan
    vault: IBackupVault | None
    evidence: TableEvidence
    further: Callable[[int], IBackupPlan] | None = None
    settings: BackupSettings | None = None
    copy_vaults: Sequence[str] = ()
    _tables: int = 0

    def for_table(self) -> IBackupPlan:
        """Return the plan for a further table."""
        if self.further is not None and self._tables and self._tables % _MOST_SELECTIONS == 0:
            self.plan = self.further(self._tables // _MOST_SELECTIONS + 1)
        self._tables += 1
        return self.plan


class Backup(Part):
    """Point-in-time recovery of the table, and its recovery points in AWS Backup, by a plan of its own or a shared one.

    Attributes:
        plan: The plan, once it is there.
    """

    def __init__(
        self, context: TableContext, given: BackupSettings | Waiver | None, shared: Plan | None = None
    ) -> None:
        """Check the settings. By default, use the shared plan, or else that of the table's classification."""
        self._context = context
        self._default = DEFAULT_BACKUPS[context.classification]
        self._shared = shared if given is None and not context.lifecycle.is_ephemeral else None
        self._given: BackupSettings | None = self._default
        if self._shared is None:
            chosen = self._default if given is None else given
            self._given = resolve(context, "backup", chosen, BackupSettings, Guarantee.BACKUP)
        else:
            self._default.require_recovery_period(context)
            if self._shared.settings is not None:
                self._shared.settings.require_retentions(context, "backup of shared_resources")
        # A vault that holds recovery points cannot be deleted.
        self._settings = None if context.lifecycle.is_ephemeral else self._given
        self._role: Role | None = None
        self._own_vault_name = ""
        self.plan: Plan | None = self._shared
        if self._shared is not None:
            context.evidence.include(self._shared.evidence)
            context.evidence.not_verifiable.append(
                "that backups of this table complete on schedule: the metrics of a shared vault count all its tables"
            )

    @property
    def recovery_period_in_days(self) -> int | None:
        """How far back point-in-time recovery reaches; a waiver of the backups does not shorten it.

        An ephemeral table has none: deleting a table with point-in-time recovery leaves a system backup of all items
        for 35 days, which cannot be deleted.
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
        """
        return None if self._context.lifecycle.is_ephemeral else (self._given or self._default).recovery_period_in_days

    def make_role(self, name: str | None = None) -> Role | None:
        """Make the role of AWS Backup, if there are backups: before the table, whose policy names it."""
        if self._settings is not None:
            self._role = make_backup_role(self._context, name)
        return self._role

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let AWS Backup encrypt the recovery points in the vault that is made."""
        makes_vault = self._settings is not None and self._settings.vault is None and self._shared is None
        return backup_key_statements(policy) if makes_vault else []

    def make_plan(self, key: TableKey) -> Plan | None:
        """Make the vault, if none is given, and the plan, if there are backups."""
        if self._settings is None:
            return None
        context, settings = self._context, self._settings
        vault, self._own_vault_name = _provide_vault(context, settings, key)
        make = partial(_make_plan, context, settings, vault)
        copies = [copy.arn(f"backup.copies[{position}].vault") for position, copy in enumerate(settings.copies)]
        return Plan(
            plan=make(1),
            vault=vault,
            evidence=context.evidence,
            further=make,
            settings=settings,
            copy_vaults=copies,
        )

    def make(self, table: MadeTable) -> None:
        """Make the plan, unless it is shared, and let it back up the table."""
        if self._role is None:
            return
        self.plan = self._shared or self.make_plan(table.key)
        if self.plan is not None:
            # Of a vault that is not made here the key is not known.
            key_arns = table.key_arns if self._own_vault_name else table.item_key_arns
            let_back_up(self._context, self._role, table.arn, key_arns, self.plan.copy_vaults)
            _select(self._context, self.plan.for_table(), table.arn, self._role, is_shared=self._shared is not None)

    def measures(self, _table: MadeTable, _alarms: AlarmSettings) -> Iterable[Measure]:
        """Watch that backups complete; metrics of a vault that is not the table's own count all its tables."""
        return self.vault_measures()

    def vault_measures(self) -> Iterator[Measure]:
        """Watch that backups complete in the vault that is made. No alarm looks back for as long as a month."""
        if self._settings is None or not self._own_vault_name:
            return
        if self._settings.daily_retention:
            yield missing_daily_backup(self._own_vault_name)
        elif self._settings.weekly_retention:
            yield missing_weekly_backup(self._own_vault_name)

    def notify(self, table: MadeTable, topic_arn: str) -> None:
        """Send failed backup jobs to the topic."""
        if self.plan is not None and self._shared is None:
            notify_of_failed_jobs(self._context, {"resourceArn": [table.arn]}, topic_arn)


def backup_key_statements(policy: KeyPolicy) -> list[dict[str, Any]]:
    """Return the statements that AWS Backup needs on the key of a vault."""
    return [
        policy.use_through("backup", "UseThroughBackup", USE),
        policy.grants_through("backup", "GrantThroughBackup"),
    ]


def _provide_vault(context: TableContext, settings: BackupSettings, key: TableKey) -> tuple[IBackupVault, str]:
    """Return the vault, and its name if it is made here."""
    if settings.vault is not None:
        context.evidence.not_verifiable += [
            "key, access policy and lock of the existing backup vault",
            "that backups of this table complete on schedule: the metrics of an existing vault count all its tables",
        ]
        return settings.vault, ""
    # A vault's key cannot change. With another name for another key, CloudFormation can replace the vault.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-backup-backupvault.html
    name = context.regional_name(_LONGEST_NAME, key.name)
    vault = BackupVault(
        context.scope,
        "BackupVault",
        backup_vault_name=name,
        encryption_key=key.key,
        # An access policy: recovery points end by their retention and in no other way.
        # https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
        block_recovery_point_deletion=True,
        lock_configuration=settings.lock.of_plan(
            context.classification, shortest=settings.shortest_retention, longest=settings.longest_retention
        ),
        removal_policy=context.lifecycle.removal_policy,
    )
    return vault, name


def _make_plan(context: TableContext, settings: BackupSettings, vault: IBackupVault, number: int) -> BackupPlan:
    """Make a plan with a rule for each retention."""
    suffix = "" if number == 1 else str(number)
    if not suffix and not (settings.daily_retention or settings.weekly_retention):
        context.evidence.not_verifiable.append(
            "that a backup of this table is started each month: no alarm looks back for more than seven days"
        )
    retentions = (settings.daily_retention, settings.weekly_retention, settings.monthly_retention)
    return BackupPlan(
        context.scope,
        f"BackupPlan{suffix}",
        backup_plan_name=context.regional_name(_LONGEST_NAME, suffix),
        backup_vault=vault,
        backup_plan_rules=_rules_with_copies(context.scope, settings) if settings.copies else _rules(*retentions),
    )


def _select(context: TableContext, plan: IBackupPlan, table_arn: str, role: Role, *, is_shared: bool) -> None:
    """Let a plan back up one table."""
    BackupSelection(
        # In its own plan, it is where CDK's `add_selection` makes it.
        context.scope if is_shared else cast("Construct", plan),
        "BackupSelection" if is_shared else "Selection",
        backup_plan=plan,
        backup_selection_name=context.regional_name(_LONGEST_NAME) if is_shared else None,
        # By ARN: a selection by tags takes every resource that has any one of them.
        resources=[BackupResource.from_arn(table_arn)],
        role=role,
        # AWS's managed policy would let the role copy and restore every table of the account.
        disable_default_backup_policy=True,
    )


@cache
def _rules(daily: Duration | None, weekly: Duration | None, monthly: Duration | None) -> list[BackupPlanRule]:
    """Make the rules; tables with the same periods share them."""
    return [
        _rule(frequency, retention, None)
        for frequency, retention in zip(BackupFrequency, (daily, weekly, monthly), strict=True)
        if retention
    ]


def _rules_with_copies(scope: Construct, settings: BackupSettings) -> list[BackupPlanRule]:
    """Make the rules of one plan, whose copies are its own."""
    retentions = (settings.daily_retention, settings.weekly_retention, settings.monthly_retention)
    return [
        _rule(frequency, retention, copy_actions(scope, settings.copies, frequency, retention))
        for frequency, retention in zip(BackupFrequency, retentions, strict=True)
        if retention
    ]


def _rule(
    frequency: BackupFrequency, retention: Duration, copies: list[BackupPlanCopyActionProps] | None
) -> BackupPlanRule:
    is_monthly = frequency is BackupFrequency.MONTHLY
    return BackupPlanRule(
        rule_name=frequency.value.title(),
        schedule_expression=Schedule.cron(hour="5", minute="0", **_DAYS[frequency]),
        delete_after=retention,
        move_to_cold_storage_after=COLD_STORAGE_AFTER if is_monthly else None,
        copy_actions=copies,
    )
