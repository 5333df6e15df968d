"""The permissions of the exports' role. Plain data; nothing here loads CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.access.actions import EXPORT
from secure_ddb.access.grant_statements import READ_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment

    Statement = dict[str, Any]


def table_statements(
    environment: StackEnvironment, *, arns: Sequence[str], names: Sequence[str], key_arns: Sequence[str]
) -> list[Statement]:
    """Return the role's permissions on tables: export them, and describe exports. It cannot read items itself.

    AWS does not say whether an export needs the table's key, so the role may use it, through DynamoDB and for these
    tables only.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
    """
    return [
        _allow("ExportTables", [EXPORT, "dynamodb:DescribeContinuousBackups"], arns),
        _allow("FollowExports", ["dynamodb:DescribeExport"], [exports_of(arn) for arn in arns]),
        _allow(
            "UseTableKeys",
            list(READ_KEY),
            key_arns,
            {
                "StringEquals": {
                    "kms:ViaService": f"dynamodb.{environment.region}.amazonaws.com",
                    "kms:EncryptionContext:aws:dynamodb:subscriberId": environment.account,
                    "kms:EncryptionContext:aws:dynamodb:tableName": list(names),
                }
            },
        ),
    ]


def bucket_statements(
    environment: StackEnvironment, *, bucket_arn: str, key_arn: str, log_group_arn: str
) -> list[Statement]:
    """Return the role's permissions on the bucket, to which DynamoDB writes with it, and on its own log."""
    return [
        _allow("WriteExports", ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"], [f"{bucket_arn}/*"]),
        _allow("FindExports", ["s3:ListBucket"], [bucket_arn]),
        _allow(
            "UseBucketKey",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [key_arn],
            {"StringEquals": {"kms:ViaService": f"s3.{environment.region}.amazonaws.com"}},
        ),
        _allow("WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], [log_group_arn]),
    ]


def exports_of(table_arn: str) -> str:
    """Return the ARN pattern of a table's exports, whose ids DynamoDB chooses."""
    return f"{table_arn}/export/*"


def _allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], condition: dict[str, Any] | None = None
) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return statement | ({"Condition": condition} if condition else {})
