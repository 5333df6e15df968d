"""Vault, plan, selection and role of the backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_backup import BackupPlan, BackupPlanRule, BackupResource, BackupVault
from aws_cdk.aws_events import Schedule
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement, Role, ServicePrincipal

from benchmarks.handwritten.texts import FOR_AWS

if TYPE_CHECKING:
    from aws_cdk.aws_dynamodb import TableV2
    from aws_cdk.aws_kms import Key
    from constructs import Construct

    from benchmarks.handwritten.place import Place


def make_backup(scope: Construct, plan_name: str, table: TableV2, key: Key, place: Place) -> None:
    """Keep recovery points of the table in a vault of its own."""
    vault = BackupVault(
        scope,
        "BackupVault",
        encryption_key=key,
        block_recovery_point_deletion=True,
        removal_policy=RemovalPolicy.RETAIN,
    )
    plan = BackupPlan(
        scope,
        "BackupPlan",
        backup_plan_name=plan_name,
        backup_vault=vault,
        backup_plan_rules=_rules(),
    )
    plan.add_selection(
        "Selection",
        resources=[BackupResource.from_dynamo_db_table(table)],
        role=_make_role(scope, table, key, place),
        disable_default_backup_policy=True,
    )


def _rules() -> list[BackupPlanRule]:
    return [
        BackupPlanRule(
            rule_name="Weekly",
            schedule_expression=Schedule.cron(hour="5", minute="0", week_day="SUN"),
            delete_after=Duration.days(35),
        ),
        BackupPlanRule(
            rule_name="Monthly",
            schedule_expression=Schedule.cron(hour="5", minute="0", day="1"),
            delete_after=Duration.days(365),
            move_to_cold_storage_after=Duration.days(90),
        ),
    ]


def _make_role(scope: Construct, table: TableV2, key: Key, place: Place) -> Role:
    key_arn = key.key_arn
    services = [f"{service}.{place.region}.amazonaws.com" for service in ("dynamodb", "backup")]
    through_services = {"StringEquals": {"kms:ViaService": services}}
    policy = ManagedPolicy(
        scope,
        "BackupPolicy",
        description="Lets AWS Backup copy one table into its vault",
        statements=[
            PolicyStatement(
                sid="CopyTable",
                actions=[
                    "dynamodb:CreateBackup",
                    "dynamodb:DescribeTable",
                    "dynamodb:ListTagsOfResource",
                    "dynamodb:StartAwsBackupJob",
                ],
                resources=[table.table_arn],
            ),
            PolicyStatement(
                sid="UseTableKey",
                actions=["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
                resources=[key_arn],
                conditions=through_services,
            ),
            PolicyStatement(
                sid="GrantTableKey",
                actions=["kms:CreateGrant"],
                resources=[key_arn],
                conditions={**through_services, **FOR_AWS},
            ),
        ],
    )
    return Role(
        scope,
        "BackupRole",
        assumed_by=ServicePrincipal("backup.amazonaws.com"),
        managed_policies=[policy],
    )
