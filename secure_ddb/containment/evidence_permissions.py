"""The writers of the evidence bucket, and the permissions of `secure-ddb preserve` (IR-5). Plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.access.tls import deny_without_tls
from secure_ddb.audit.locked_bucket import keep_objects
from secure_ddb.containment.permissions import allow, streams_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment

# What a request to export a table needs of the bucket.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
WRITE = ("s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl")


def bucket_policy(environment: StackEnvironment, bucket_arn: str, responders: Sequence[str]) -> dict[str, Any]:
    """Return the policy of the bucket: responders and CloudWatch Logs of this account write, and objects stay.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasksConsole.html
    """
    objects = f"{bucket_arn}/*"
    logs = {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{environment.region}.amazonaws.com"},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": environment.account},
            "ArnLike": {"aws:SourceArn": environment.arn("logs", "log-group:*")},
        },
    }
    statements = [
        deny_without_tls("s3:*", [bucket_arn, objects]),
        {
            "Sid": "DenyWritingToOthers",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "s3:PutObject",
            "Resource": objects,
            # CloudWatch Logs has no aws:PrincipalArn.
            "Condition": {
                "ArnNotLike": {"aws:PrincipalArn": list(responders)},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        },
        {"Sid": "FindBucketForLogs", "Action": "s3:GetBucketAcl", "Resource": bucket_arn, **logs},
        {"Sid": "WriteLogs", "Action": "s3:PutObject", "Resource": objects, **logs},
        *keep_objects(bucket_arn, is_locked=True),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def logs_key_statement(environment: StackEnvironment) -> dict[str, Any]:
    """Let CloudWatch Logs encrypt what it exports.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasksConsole.html
    """
    return {
        "Sid": "EncryptExportedLogs",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{environment.region}.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": environment.account}},
    }


def preserve_statements(
    environment: StackEnvironment,
    *,
    tables: Sequence[str],
    table_keys: Sequence[str],
    log_groups: Sequence[str],
    bucket_arn: str,
    key_arn: str,
) -> list[dict[str, Any]]:
    """Return the permissions of a responder for `secure-ddb preserve`; all arguments are ARNs."""
    through_dynamodb = {"kms:ViaService": f"dynamodb.{environment.region}.amazonaws.com"}
    through_s3 = {"kms:ViaService": f"s3.{environment.region}.amazonaws.com"}
    read = [
        "dynamodb:CreateBackup",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:ExportTableToPointInTime",
        "dynamodb:GetResourcePolicy",
    ]
    statements = [
        allow("CopyTables", read, tables),
        allow("ReadStreamPolicies", ["dynamodb:GetResourcePolicy"], [streams_of(arn) for arn in tables]),
        allow("FollowTableExports", ["dynamodb:DescribeExport"], [exports_of(arn) for arn in tables]),
        allow("ReadKeyPolicies", ["kms:GetKeyPolicy", "kms:ListGrants"], table_keys),
        allow("UseTableKeys", ["kms:Decrypt", "kms:GenerateDataKey"], table_keys, {"StringEquals": through_dynamodb}),
        allow(
            "GrantTableKeys",
            ["kms:CreateGrant"],
            table_keys,
            {"StringEquals": through_dynamodb, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        # The manifest reads every version.
        allow("WriteEvidence", [*WRITE, "s3:GetObject", "s3:GetObjectVersion"], [f"{bucket_arn}/*"]),
        allow("FindEvidence", ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucketVersions"], [bucket_arn]),
        allow("UseEvidenceKey", ["kms:Decrypt", "kms:GenerateDataKey"], [key_arn], {"StringEquals": through_s3}),
        allow("FollowLogExports", ["logs:DescribeExportTasks"], ["*"]),
    ]
    if log_groups:
        statements.append(allow("ExportLogs", ["logs:CreateExportTask"], log_groups))
    return statements


def exports_of(table_arn: str) -> str:
    """Return the ARN pattern of a table's exports, whose ids DynamoDB chooses."""
    return f"{table_arn}/export/*"
