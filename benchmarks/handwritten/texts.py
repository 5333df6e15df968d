"""Lists and sentences that the table written by hand has in common with `SecureTable`. Plain data."""

from __future__ import annotations

# Conditions of policies.
NO_TLS = {"Bool": {"aws:SecureTransport": "false"}}
FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}

KEY_ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]
KEY_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]

_DLQ = (
    "A dead-letter queue serves asynchronous invocations only. This function is invoked by an event source "
    "mapping, which keeps failed records in the audit failure bucket, and two alarms say so."
)
_VPC = (
    "The function reads one stream through Lambda's poller and writes its log; it opens no connection of its "
    "own, so a VPC would add an address and a route without anything to protect."
)
_CONCURRENCY = (
    "Lambda runs one invocation per shard of the stream, which bounds concurrency already. A reserved limit "
    "could throttle the audit trail until the stream forgets records."
)
_TRACING = (
    "An event source mapping of DynamoDB passes no trace on, and the permission that tracing needs covers all "
    "resources of the account."
)
FUNCTION_FINDINGS = {
    "HIPAA.Security::HIPAA.Security-LambdaConcurrency": _CONCURRENCY,
    "HIPAA.Security::HIPAA.Security-LambdaDLQ": _DLQ,
    "HIPAA.Security::HIPAA.Security-LambdaInsideVPC": _VPC,
    "NIST.800.53.R4::NIST.800.53.R4-LambdaInsideVPC": _VPC,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaConcurrency": _CONCURRENCY,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ": _DLQ,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaInsideVPC": _VPC,
    "PCI.DSS.321::PCI.DSS.321-LambdaInsideVPC": _VPC,
    "Serverless::Serverless-LambdaDLQ": _DLQ,
    "Serverless::Serverless-LambdaTracing": _TRACING,
}

_ACCESS_LOGS = (
    "Only Lambda writes here, and only when a change could not be logged; each such write raises an alarm. "
    "Object Lock keeps the objects from being altered. Who reads them is a data event of CloudTrail."
)
_REPLICATION = (
    "The bucket holds records for the time until they are replayed into the audit log, which is what is kept. "
    "They are versioned and locked; the table's own items are backed up."
)
BUCKET_FINDINGS = {
    "AwsSolutions::AwsSolutions-S1": _ACCESS_LOGS,
    "HIPAA.Security::HIPAA.Security-S3BucketLoggingEnabled": _ACCESS_LOGS,
    "HIPAA.Security::HIPAA.Security-S3BucketReplicationEnabled": _REPLICATION,
    "NIST.800.53.R4::NIST.800.53.R4-S3BucketLoggingEnabled": _ACCESS_LOGS,
    "NIST.800.53.R4::NIST.800.53.R4-S3BucketReplicationEnabled": _REPLICATION,
    "NIST.800.53.R5::NIST.800.53.R5-S3BucketLoggingEnabled": _ACCESS_LOGS,
    "NIST.800.53.R5::NIST.800.53.R5-S3BucketReplicationEnabled": _REPLICATION,
    "PCI.DSS.321::PCI.DSS.321-S3BucketLoggingEnabled": _ACCESS_LOGS,
    "PCI.DSS.321::PCI.DSS.321-S3BucketReplicationEnabled": _REPLICATION,
}

THROTTLED = "{kind}s were throttled. See Contributor Insights for the keys, then the capacity."
SYSTEM_ERRORS = "DynamoDB answered requests to this table with internal errors. See the AWS Health Dashboard."
SYSTEM_ERRORS_QUERY = (
    "SELECT SUM(SystemErrors) FROM SCHEMA(\"AWS/DynamoDB\", Operation, TableName) WHERE TableName = '{table}'"
)
USER_ERRORS = (
    "DynamoDB refused many requests as invalid. It counts them per account and Region only, "
    "so they may concern another table."
)
LATENCY = "Successful {operation} requests to this table are slow on average."
AUDIT_ERRORS = "The audit function failed. Its records are tried again, and in the end kept in its bucket."
AUDIT_THROTTLES = "The audit function was not allowed to run. Records wait in the stream, at most 24 hours."
AUDIT_ITERATOR_AGE = "The audit log lags behind the table. The stream forgets records after 24 hours."
AUDIT_FAILURES = "Changes could not be logged and are kept in the audit failure bucket instead."
AUDIT_DROPPED = "Changes were neither logged nor kept in the audit failure bucket: they are lost."
