"""`RestoreTesting`: AWS Backup restores tables on a schedule, and a function counts the restored items (BAK-3)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_backup import CfnBackupVault, CfnRestoreTestingPlan, CfnRestoreTestingSelection
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_lambda import CfnFunction, CfnPermission
from aws_cdk.aws_logs import CfnLogGroup
from constructs import Construct

from secure_ddb.access.granted_table import arn_by_name
from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.backup.copies import BackupFrequency
from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.encryption.encryption import DEFAULT_ENCRYPTION, Encryption
from secure_ddb.encryption.key_actions import USE
from secure_ddb.errors import NotCreatedError, reject, require_interface, require_type
from secure_ddb.library_construct import state_construct
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.alarms import raise_alarms
from secure_ddb.part import Part
from secure_ddb.restore_testing.permissions import (
    backups_of,
    restore_statements,
    restored_tables,
    validation_statements,
)
from secure_ddb.restore_testing.reporting import notify_of_failed_restores, restore_measures, tests_of
from secure_ddb.table import SecureTable
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.waivers.accepted_findings import (
    BACKUP_RULE_FINDINGS,
    BACKUPS_OF_TABLE,
    RESTORE_FUNCTION_FINDINGS,
    RESTORE_RESULTS,
    RESTORED_TABLE_FINDINGS,
    RESTORED_TABLES,
)
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from aws_cdk.aws_backup import IBackupVault
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.context import TableContext
    from secure_ddb.encryption.table_key import KeyPolicy, TableKey
    from secure_ddb.tags.ownership import Ownership

# A selection names no more, and a policy not many more.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingSelectionForCreate.html
_MOST_TABLES = 30
# Only letters, digits and underscores.
_LONGEST_NAME = 50
# Two hours after the backups start, which have eight to do so: the newest recovery point may be the one before.
_SCHEDULES = {
    BackupFrequency.DAILY: "cron(0 7 * * ? *)",
    BackupFrequency.WEEKLY: "cron(0 7 ? * SUN *)",
    BackupFrequency.MONTHLY: "cron(0 7 2 * ? *)",
}
# Recovery points of monthly plans are up to 31 days old.
_SELECTION_DAYS = 35
_VALIDATION_HOURS = 8
_TIMEOUT_SECONDS = 900
_MEMORY_MIB = 256
_LOG_DAYS = 400
_CODE = Path(__file__).with_name("validation.py")


class RestoreTesting(Construct):
    """Restores each table's newest recovery point on a schedule, and compares the restored table with the live one.

    AWS Backup makes a table whose name begins with `awsbackup-restore-test-`, encrypted with a key of its own, and
    deletes it after the comparison. docs/recovery.md says what it compares and costs.

    Attributes:
        encryption_key: The key of restored tables.
        restore_role: The role with which AWS Backup restores. It can neither read nor write the tables themselves.
        alarms: The alarms on tests that fail or, unless they are monthly, are missing.

    Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        tables: Sequence[SecureTable],
        topic: ITopic,
        ownership: Ownership,
        classification: DataClassification = DataClassification.CONFIDENTIAL,
        frequency: BackupFrequency = BackupFrequency.MONTHLY,
        least_share: float = 0.5,
        most_items: int = 1_000_000,
    ) -> None:
        """Make the plan, its roles, the function and the alarms.

        Args:
            scope: Where to make them: in the account and Region of the tables.
            id: Construct id.
            tables: The tables, 1 to 30, each with a backup vault.
            topic: The topic of the alarms, such as `SharedResources.alarm_topic`.
            ownership: Their owner and cost center.
            classification: The most sensitive data of the tables.
            frequency: How often each table is restored. Each restore costs as much as the table is large.
            least_share: A test fails if there are fewer items than this share of those that the live table has, above
                0 and at most 1. The recovery point may be a month old.
            most_items: How many items are counted at most, 1 to 100,000,000. The function has 15 minutes.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        context = table_context(self, scope, ownership, classification, Lifecycle.retained())
        _check(frequency, least_share, most_items)
        require_interface("topic", topic, "topic_arn", "an aws_sns.ITopic")
        vaults = _vaults_of(tables)
        super().__init__(scope, id)
        state_construct(self)
        key = Encryption(context, DEFAULT_ENCRYPTION).provide_key([_RestoredTables()])
        self.encryption_key = key.key
        arns, topic_arn = [arn_by_name(table) for table in tables], topic.topic_arn
        self.restore_role = _make_restore_role(context, arns, key, vaults)
        name = context.regional_name(_LONGEST_NAME)
        plan = CfnRestoreTestingPlan(
            self,
            "Plan",
            restore_testing_plan_name=name,
            schedule_expression=_SCHEDULES[frequency],
            recovery_point_selection=CfnRestoreTestingPlan.RestoreTestingRecoveryPointSelectionProperty(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=list(dict.fromkeys(vault.backup_vault_arn for vault in vaults)),
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=_SELECTION_DAYS,
            ),
        )
        CfnRestoreTestingSelection(
            self,
            "Selection",
            iam_role_arn=self.restore_role.role_arn,
            protected_resource_type="DynamoDB",
            protected_resource_arns=arns,
            restore_testing_plan_name=plan.ref,
            restore_testing_selection_name=name,
            # Without it DynamoDB would encrypt the items with a key of its own.
            # https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
            restore_metadata_overrides={"encryptionType": "KMS", "kmsMasterKeyArn": key.arn},
            validation_window_hours=_VALIDATION_HOURS,
        )
        plan_arn = plan.attr_restore_testing_plan_arn
        function = _make_function(
            context,
            arns,
            key,
            {"PLAN": name, "KEY": key.arn, "LEAST_SHARE": str(least_share), "MOST_ITEMS": str(most_items)},
        )
        _validate_each_restore(self, function, plan_arn)
        notify_of_failed_restores(self, plan_arn, topic_arn)
        self.alarms = raise_alarms(context, restore_measures(name, function.ref, frequency), topic_arn)
        tag_table(context)


class _RestoredTables(Part):
    """The key policy's statements for restored tables and the function's log, in addition to each table's key."""

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let CloudWatch Logs encrypt the log of the stack's functions."""
        return [
            {
                "Sid": "EncryptValidationLog",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{policy.environment.region}.amazonaws.com"},
                "Action": USE,
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": policy.log_groups}},
            }
        ]


def _check(frequency: object, least_share: object, most_items: object) -> None:
    require_type("frequency", frequency, BackupFrequency)
    if isinstance(least_share, bool) or not isinstance(least_share, (int, float)) or not 0 < least_share <= 1:
        reject("least_share", least_share, "a number above 0 and at most 1")
    if isinstance(most_items, bool) or not isinstance(most_items, int) or not 1 <= most_items <= 100_000_000:  # noqa: PLR2004 - as documented
        reject("most_items", most_items, "1 to 100,000,000")


def _vaults_of(tables: Sequence[SecureTable]) -> list[IBackupVault]:
    """Return the vault of each table."""
    if isinstance(tables, SecureTable) or not isinstance(tables, Sequence) or not 1 <= len(tables) <= _MOST_TABLES:
        reject("tables", tables, f"1 to {_MOST_TABLES} SecureTables; make another RestoreTesting for further ones")
    vaults = []
    for position, table in enumerate(tables):
        require_type(f"tables[{position}]", table, SecureTable)
        if table in tables[:position]:
            reject(f"tables[{position}]", table, "each table once")
        try:
            vaults.append(table.backup_vault)
        except NotCreatedError:
            reject(f"tables[{position}]", table, "a table with a backup vault that this app knows")
    return vaults


def _make_restore_role(context: TableContext, tables: list[str], key: TableKey, vaults: list[IBackupVault]) -> Role:
    role = Role(
        context.scope,
        "RestoreRole",
        path=SERVICE_ROLE_PATH,
        assumed_by=ServicePrincipal("backup.amazonaws.com"),
        description="AWS Backup restores tables with it, to test backups",
    )
    resources = [vault.node.default_child for vault in vaults]
    keys = [each.encryption_key_arn for each in resources if isinstance(each, CfnBackupVault)]
    statements = restore_statements(
        context.environment, tables=tables, key_arn=key.arn, vault_keys=list(dict.fromkeys(filter(None, keys)))
    )
    policy = _policy(context, "RestorePolicy", "Lets AWS Backup restore tables to test backups", statements, role)
    reasons = {backups_of(table): BACKUPS_OF_TABLE for table in tables}
    acknowledge_wildcards(policy, {restored_tables(context.environment): RESTORED_TABLES, **reasons})
    return role


def _policy(
    context: TableContext, id: str, description: str, statements: list[dict[str, Any]], role: Role
) -> ManagedPolicy:
    document = PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements})
    policy = ManagedPolicy(
        context.scope, id, path=SERVICE_ROLE_PATH, description=description, document=document, roles=[role]
    )
    acknowledge(policy, RESTORED_TABLE_FINDINGS)
    return policy


def _make_function(context: TableContext, tables: list[str], key: TableKey, environment: dict[str, str]) -> CfnFunction:
    """Make the function, its role and its log. Its code is one file, so that it stands in the template."""
    log_group = CfnLogGroup(context.scope, "ValidationLog", kms_key_id=key.arn, retention_in_days=_LOG_DAYS)
    log_group.apply_removal_policy(context.lifecycle.removal_policy)
    role = Role(
        context.scope,
        "ValidationRole",
        path=SERVICE_ROLE_PATH,
        assumed_by=ServicePrincipal("lambda.amazonaws.com"),
        description="Counts the items of restored tables",
    )
    statements = validation_statements(
        context.environment, tables=tables, key_arn=key.arn, log_group_arn=log_group.attr_arn
    )
    policy = _policy(context, "ValidationPolicy", "Lets a function compare restored tables", statements, role)
    acknowledge_wildcards(policy, {restored_tables(context.environment): RESTORED_TABLES, "*": RESTORE_RESULTS})
    function = CfnFunction(
        context.scope,
        "ValidationFunction",
        description="Compares a restored table with the one that was backed up",
        runtime="python3.14",
        architectures=["arm64"],
        handler="index.validate",
        code=CfnFunction.CodeProperty(zip_file=_CODE.read_text(encoding="utf-8")),
        role=role.role_arn,
        environment=CfnFunction.EnvironmentProperty(variables=environment),
        logging_config=CfnFunction.LoggingConfigProperty(log_group=log_group.ref),
        memory_size=_MEMORY_MIB,
        timeout=_TIMEOUT_SECONDS,
    )
    function.node.add_dependency(policy)
    acknowledge(function, RESTORE_FUNCTION_FINDINGS)
    return function


def _validate_each_restore(scope: Construct, function: CfnFunction, plan_arn: str) -> None:
    """Start the function once a table is restored. EventBridge tries again for 24 hours, AWS Lambda twice."""
    rule = CfnRule(
        scope,
        "Restored",
        description="Compares each table that a restore test made",
        event_pattern=tests_of(plan_arn, ["COMPLETED"]),
        targets=[CfnRule.TargetProperty(arn=function.attr_arn, id="Validation")],
    )
    acknowledge(rule, BACKUP_RULE_FINDINGS)
    CfnPermission(
        scope,
        "StartValidation",
        action="lambda:InvokeFunction",
        function_name=function.ref,
        principal="events.amazonaws.com",
        source_arn=rule.attr_arn,
    )
