"""What grants for consumers write into policies: readers of the stream, exports, and clients that describe tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.access.actions import EXPORT, READ_STREAM

if TYPE_CHECKING:
    from collections.abc import Sequence

Statement = dict[str, Any]


def stream_statements(stream_arn: str, key_arns: Sequence[str], region: str) -> list[Statement]:
    """Let a stream be read and decrypted.

    The key is bound to DynamoDB and not to the table: of streams AWS does not document the encryption context.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-example-lamda-process-dynamodb-streams.html
    """
    return [
        {"Action": list(READ_STREAM), "Resource": [stream_arn]},
        _key(["kms:Decrypt"], key_arns, f"dynamodb.{region}.amazonaws.com"),
    ]


def describe_statement(table_arn: str) -> Statement:
    """Let the table be described: keys, indexes, size and settings, but no items."""
    return {"Action": ["dynamodb:DescribeTable"], "Resource": [table_arn]}


def export_statements(table_arn: str, objects: str) -> list[Statement]:
    """Let the table be exported to objects of a bucket, and the state of an export be seen.

    DynamoDB writes the objects in the name of the caller.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
    """
    return [
        {"Action": [EXPORT], "Resource": [table_arn]},
        {"Action": ["dynamodb:DescribeExport"], "Resource": [f"{table_arn}/export/*"]},
        {"Action": ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"], "Resource": [objects]},
    ]


def bucket_key_statement(key_arn: str, region: str) -> Statement:
    """Let objects be encrypted; the parts of a large one are also decrypted.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
    """
    return _key(["kms:Decrypt", "kms:GenerateDataKey"], [key_arn], f"s3.{region}.amazonaws.com")


def _key(actions: list[str], key_arns: Sequence[str], service: str) -> Statement:
    return {"Action": actions, "Resource": list(key_arns), "Condition": {"StringEquals": {"kms:ViaService": service}}}
