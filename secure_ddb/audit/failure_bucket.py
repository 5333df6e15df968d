"""The bucket that keeps the changes that could not be logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.audit.locked_bucket import bucket_statements, make_locked_bucket
from secure_ddb.waivers.accepted_findings import FAILURE_BUCKET, bucket_findings
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from aws_cdk.aws_s3 import CfnBucket

    from secure_ddb.context import TableContext
    from secure_ddb.encryption.table_key import TableKey


def make_failure_bucket(context: TableContext, key: TableKey) -> CfnBucket:
    """Make the bucket; it keeps failed records for as long as the floor demands of the log."""
    bucket = make_locked_bucket(context, "AuditFailureBucket", key, context.classification.floor.log_retention)
    acknowledge(bucket, bucket_findings(FAILURE_BUCKET, ephemeral=context.lifecycle.reason))
    return bucket


def failure_bucket_statements(bucket_arn: str) -> list[dict[str, Any]]:
    """Return the permissions of the audit role: Lambda writes failed records with it, and a replay reads them.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    return bucket_statements(
        bucket_arn,
        sid="KeepAndReplayFailedAuditRecords",
        object_actions=["s3:GetObject", "s3:PutObject"],
        bucket_actions=["s3:ListBucket"],
    )
