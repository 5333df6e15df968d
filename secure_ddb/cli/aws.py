"""How a command reaches AWS, and AWS's errors in one sentence. Loads boto3, so a command loads it only when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from boto3 import Session  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import (  # type: ignore[import-untyped]
    ClientError,
    NoCredentialsError,
    NoRegionError,
)

if TYPE_CHECKING:
    from secure_ddb.audit_trail.replay import Functions, Lister, Tables

# The audit function may take 60 seconds, after some for its start. A shorter timeout would lose its answer.
_READ_TIMEOUT_SECONDS = 90

# A repeated invocation repeats lines. `max_attempts` would be the number of repetitions, and 1 would allow one.
_ONCE = Config(read_timeout=_READ_TIMEOUT_SECONDS, retries={"total_max_attempts": 1})

# AWS KMS shares its request quota among all callers of the account.
_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 10})

_PERMISSIONS = {
    "CreateBackup": "dynamodb:CreateBackup on the table",
    "CreateExportTask": "logs:CreateExportTask on the log group",
    "DescribeTable": "dynamodb:DescribeTable on the table",
    "ExportTableToPointInTime": "dynamodb:ExportTableToPointInTime on the table",
    "GetTemplate": "cloudformation:GetTemplate on the stack",
    "Invoke": "lambda:InvokeFunction on the audit function",
    "ListRecoveryPointsByResource": "backup:ListRecoveryPointsByResource",
    "ListRestoreJobsByProtectedResource": "backup:ListRestoreJobsByProtectedResource",
    "ListEventSourceMappings": "lambda:ListEventSourceMappings",
    "ListObjectVersions": "s3:ListBucketVersions on the failure bucket",
    "PutObject": "s3:PutObject on the bucket, and its key",
    "Scan": "dynamodb:Scan on the table",
    "VerifyMac": "kms:VerifyMac on the table's HMAC key",
}
_DENIED = ("AccessDenied", "AccessDeniedException")
_NOT_ACCEPTED = (
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)
_GONE = {
    ("DescribeTable", "ResourceNotFoundException"): "there is no such table in this account and Region",
    ("GetTemplate", "ValidationError"): "there is no such stack in this account and Region",
    ("Invoke", "ResourceNotFoundException"): "its audit function no longer exists",
    ("ListObjectVersions", "NoSuchBucket"): "its failure bucket no longer exists",
    ("VerifyMac", "NotFoundException"): "there is no such key in this account and Region",
    ("VerifyMac", "DisabledException"): "the key is disabled; enable it for the verification",
}


class Clients(NamedTuple):
    """Clients for DynamoDB, Lambda and S3."""

    tables: Tables
    functions: Functions
    buckets: Lister


def connect(region: str | None, profile: str | None) -> Clients:
    """Return clients with the credentials that boto3 finds. Nothing is asked yet."""
    session = Session(region_name=region, profile_name=profile)
    return Clients(session.client("dynamodb"), session.client("lambda", config=_ONCE), session.client("s3"))


def connect_to_kms(key: str, region: str | None, profile: str | None) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a client for AWS KMS in the Region of a key's ARN, unless another is named. Nothing is asked yet."""
    of_key = key.split(":")[3] if key.startswith("arn:") else None
    return Session(region_name=region or of_key, profile_name=profile).client("kms", config=_PATIENT)


def connect_to_cloudformation(region: str | None, profile: str | None) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a client for CloudFormation. Nothing is asked yet."""
    return Session(region_name=region, profile_name=profile).client("cloudformation")


def in_one_sentence(error: Exception) -> str:
    """Return the meaning of an error of AWS or of boto3, and its remedy where that is known."""
    message = " ".join(str(error).split())
    if isinstance(error, NoCredentialsError):
        return "there are no AWS credentials; pass a profile with --profile, or set the AWS environment variables"
    if isinstance(error, NoRegionError):
        return "no Region is set; pass --region"
    if not isinstance(error, ClientError):
        return message
    operation, code = error.operation_name, error.response.get("Error", {}).get("Code", "")
    if code in _DENIED:
        return f"access denied; the credentials need {_PERMISSIONS.get(operation, operation)} ({message})"
    if code in _NOT_ACCEPTED:
        return f"AWS rejected the credentials, which may have expired ({message})"
    return _GONE.get((operation, code), message)
