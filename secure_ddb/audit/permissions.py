"""The permissions of the audit function, and the audit trail's statements in the key policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.access.actions import READ_STREAM, STREAM_POLICY
from secure_ddb.audit.failure_bucket import failure_bucket_statements
from secure_ddb.encryption.key_actions import USE

if TYPE_CHECKING:
    from secure_ddb.context import TableContext
    from secure_ddb.encryption.table_key import KeyPolicy

_SOURCE_FUNCTION = "lambda:SourceFunctionArn"


def audit_key_statements(policy: KeyPolicy) -> list[dict[str, Any]]:
    """Return the key policy's statements for the audit log, and for the bucket of failed records."""
    return [
        {
            "Sid": "EncryptAuditLog",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{policy.environment.region}.amazonaws.com"},
            "Action": USE,
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": policy.log_groups}},
        },
        policy.use_through("s3", "KeepFailedAuditRecordsInS3", ["kms:Decrypt", "kms:GenerateDataKey"]),
    ]


def shared_audit_key_statement(policy: KeyPolicy, role_arn: str) -> dict[str, Any]:
    """Return the key policy's statements for a shared audit function: its role may decrypt the table's stream.

    The role's own policies name no table's key, so without this statement it reads no stream of the table.
    """
    return {
        "Sid": "DecryptStreamForSharedAudit",
        "Effect": "Allow",
        "Principal": {"AWS": role_arn},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{policy.environment.region}.amazonaws.com"}},
    }


def archive_key_statements(policy: KeyPolicy) -> list[dict[str, Any]]:
    """Return the key policy's statements for the archive.

    Firehose works with a grant; principals that put records also need permission to use the key.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForLogDeliveryPolicy.html
    """
    return [
        policy.use_through("firehose", "UseThroughFirehose", ["kms:Decrypt", "kms:GenerateDataKey"]),
        policy.grants_through("firehose", "GrantThroughFirehose"),
    ]


def audit_statements(
    context: TableContext, *, stream_arn: str, log_group_arn: str, bucket_arn: str, key_arn: str | list[str]
) -> list[dict[str, Any]]:
    """Return the permissions of the audit function's role, which AWS Lambda's poller also uses.

    Without a stream's ARN, other policies let it read streams. The key of the stream may be another one than the
    function's own.

    Requests of code carry the ARN of the function that it runs in, those of the poller do not.
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    """
    region = context.environment.region
    return [
        *([read_stream(stream_arn)] if stream_arn else []),
        {
            "Sid": "WriteAuditLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": log_group_arn,
        },
        *failure_bucket_statements(bucket_arn),
        {
            "Sid": "DecryptStreamAndKeepFailedRecords",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
            "Condition": {
                "StringEquals": {"kms:ViaService": [f"dynamodb.{region}.amazonaws.com", f"s3.{region}.amazonaws.com"]}
            },
        },
        {
            "Sid": "DenyPollersWorkToCode",
            "Effect": "Deny",
            "Action": [*STREAM_POLICY, "s3:PutObject"],
            "Resource": "*",
            "Condition": {"Null": {_SOURCE_FUNCTION: "false"}},
        },
    ]


def read_stream(arns: str | list[str]) -> dict[str, Any]:
    """Return the statements with which AWS Lambda's poller reads streams, using the audit function's role."""
    return {"Sid": "ReadStream", "Effect": "Allow", "Action": list(READ_STREAM), "Resource": arns}


def deny_other_functions(function_arn: str) -> dict[str, Any]:
    """Return denials that keep another function with this role from digesting keys, writing lines and reading failures.

    It denies, because the digest key's policy alone allows the digests and resource policies cannot use this key. It
    is in a policy of its own, because the function needs the role. AWS shows the ARN without a version or an alias, and
    does not say that it never has one.
    https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    """
    return {
        "Sid": "DenyOtherFunctions",
        "Effect": "Deny",
        "Action": ["kms:GenerateMac", "logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject"],
        "Resource": "*",
        # It holds as well where a request has no such key.
        "Condition": {"ArnNotLike": {_SOURCE_FUNCTION: [function_arn, f"{function_arn}:*"]}},
    }
