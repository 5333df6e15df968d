"""Lists and sentences that the table written by hand has in common with `SecureTable`. Plain data."""

from __future__ import annotations

# Conditions of policies.
NO_TLS = {"Bool": {"aws:SecureTransport": "false"}}
FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}

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
