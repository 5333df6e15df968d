"""The role with which AWS Backup backs up one table (BAK-2)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.encryption.table_key import one_or_all
from secure_ddb.waivers.accepted_findings import BACKUPS_OF_TABLE, RECOVERY_POINTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment, TableContext


def make_backup_role(context: TableContext, name: str | None = None) -> Role:
    """Make the role for AWS Backup, without permissions, so that the table's policy can name it.

    Args:
        context: The table's.
        name: Its name, where the policy is in another Region's stack; CloudFormation's choice, unless given.
    """
    return Role(context.scope, "BackupRole", path=SERVICE_ROLE_PATH, assumed_by=_backup_service(), role_name=name)


def let_back_up(
    context: TableContext, role: Role, table_arn: str, key_arns: list[str], copy_vaults: Sequence[str] = ()
) -> None:
    """Give the role its permissions, in a policy that depends on role and table, neither of which depends on it."""
    statements = backup_statements(context.environment, table_arn, one_or_all(key_arns))
    if copy_vaults:
        statements += copy_statements(context.environment, copy_vaults)
    document = {"Version": "2012-10-17", "Statement": statements}
    policy = ManagedPolicy(
        context.scope,
        "BackupPolicy",
        path=SERVICE_ROLE_PATH,
        description="Lets AWS Backup back up one table into its vault",
        document=PolicyDocument.from_json(document),
        roles=[role],
    )
    acknowledge_wildcards(
        policy,
        {
            f"{table_arn}/backup/*": BACKUPS_OF_TABLE,
            _recovery_points(context.environment): RECOVERY_POINTS,
        },
    )


@cache
def _backup_service() -> ServicePrincipal:
    return ServicePrincipal("backup.amazonaws.com")


def _recovery_points(environment: StackEnvironment) -> str:
    return environment.arn("backup", "recovery-point:*")


def backup_statements(environment: StackEnvironment, table_arn: str, key_arn: str | list[str]) -> list[dict[str, Any]]:
    """Return the permissions of AWS Backup's role: to back up this table, with its keys and its tags.

    Narrower than AWS's own policy, which tests compare it with. Without the table's key a job reports success and holds
    no data; without `backup:TagResource` the jobs of a tagged table fail.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
    """
    region = environment.region
    services = [f"{service}.{region}.amazonaws.com" for service in ("dynamodb", "backup")]
    return [
        {
            "Sid": "CopyTable",
            "Effect": "Allow",
            "Action": [
                "dynamodb:CreateBackup",
                "dynamodb:DescribeTable",
                "dynamodb:ListTagsOfResource",
                "dynamodb:StartAwsBackupJob",
            ],
            "Resource": table_arn,
        },
        {
            # Without the account's opt-in to advanced features, recovery points are DynamoDB's own backups.
            # https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
            "Sid": "EndBackupsOfTable",
            "Effect": "Allow",
            "Action": ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"],
            "Resource": f"{table_arn}/backup/*",
        },
        {
            "Sid": "CopyTagsToRecoveryPoints",
            "Effect": "Allow",
            "Action": "backup:TagResource",
            "Resource": _recovery_points(environment),
        },
        {"Sid": "DescribeTableKey", "Effect": "Allow", "Action": "kms:DescribeKey", "Resource": key_arn},
        {
            "Sid": "UseTableKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
            "Condition": {"StringEquals": {"kms:ViaService": services}},
        },
        {
            "Sid": "GrantTableKey",
            "Effect": "Allow",
            "Action": "kms:CreateGrant",
            "Resource": key_arn,
            "Condition": {
                "StringEquals": {"kms:ViaService": services},
                "Bool": {"kms:GrantIsForAWSResource": "true"},
            },
        },
    ]


def copy_statements(environment: StackEnvironment, vault_arns: Sequence[str]) -> list[dict[str, Any]]:
    """Return the permissions of AWS Backup's role to copy recovery points to some vaults, and to no others.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
    """
    return [
        {
            "Sid": "CopyFromVault",
            "Effect": "Allow",
            "Action": "backup:CopyFromBackupVault",
            "Resource": _recovery_points(environment),
            "Condition": {"ForAllValues:ArnEquals": {"backup:CopyTargets": list(vault_arns)}},
        },
        {
            "Sid": "CopyIntoVaults",
            "Effect": "Allow",
            "Action": ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
            "Resource": list(vault_arns),
        },
    ]
