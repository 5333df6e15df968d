"""The permissions of a restore test's roles: create tables with a certain name, and count their items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.restore_testing.validation_names import METRIC_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment

# Without wildcards, as in AWS's policy.
_USE_OF_KEY = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


def restored_tables(environment: StackEnvironment) -> str:
    """Return the ARN pattern of restored tables: AWS Backup begins their names so, and no other table's.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
    """
    return environment.arn("dynamodb", "table/awsbackup-restore-test-*")


def backups_of(table_arn: str) -> str:
    """Return the ARN pattern of DynamoDB's own backups of a table, where advanced features are off."""
    return f"{table_arn}/backup/*"


def restore_statements(
    environment: StackEnvironment, *, tables: Sequence[str], key_arn: str, vault_keys: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the permissions of the role with which AWS Backup restores.

    Narrower than AWS's policy, which lets it write to every table of the account.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html

    Args:
        environment: Where the tables are.
        tables: ARNs of the tables that were backed up.
        key_arn: The key of restored tables.
        vault_keys: ARNs of the keys of vaults, as far as they are known.
    """
    services = [f"{service}.{environment.region}.amazonaws.com" for service in ("dynamodb", "backup")]
    through = {"StringEquals": {"kms:ViaService": services}}
    return [
        _allow(
            "MakeRestoredTables",
            [
                "dynamodb:BatchWriteItem",
                "dynamodb:DeleteItem",
                "dynamodb:DescribeTable",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:RestoreTableFromAwsBackup",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
            ],
            [restored_tables(environment)],
        ),
        _allow("ReadBackups", ["dynamodb:RestoreTableFromBackup"], list(map(backups_of, tables))),
        _allow("DescribeKeys", ["kms:DescribeKey"], [key_arn, *vault_keys]),
        _allow("EncryptRestoredTables", _USE_OF_KEY, [key_arn], through),
        *([_allow("DecryptRecoveryPoints", ["kms:Decrypt"], vault_keys, through)] if vault_keys else []),
        _allow(
            "GrantKeys",
            ["kms:CreateGrant"],
            [key_arn, *vault_keys],
            {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]


def validation_statements(
    environment: StackEnvironment, *, tables: Sequence[str], key_arn: str, log_group_arn: str
) -> list[dict[str, Any]]:
    """Return the permissions of the function that counts: it reads no table but restored ones."""
    through_dynamodb = {"StringEquals": {"kms:ViaService": f"dynamodb.{environment.region}.amazonaws.com"}}
    return [
        _allow("CountItems", ["dynamodb:Scan"], [restored_tables(environment)]),
        _allow("CompareTables", ["dynamodb:DescribeTable"], [restored_tables(environment), *tables]),
        _allow("DecryptRestoredTables", ["kms:Decrypt", "kms:DescribeKey"], [key_arn], through_dynamodb),
        # IAM knows no resources for either.
        _allow("ReportResult", ["backup:DescribeRestoreJob", "backup:PutRestoreValidationResult"], ["*"]),
        _allow(
            "CountResults",
            ["cloudwatch:PutMetricData"],
            ["*"],
            {"StringEquals": {"cloudwatch:namespace": METRIC_NAMESPACE}},
        ),
        _allow("WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], [log_group_arn]),
    ]


def _allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return statement | ({"Condition": condition} if condition else {})
