"""The bucket that keeps the changes that could not be logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_s3 import CfnBucket

from secure_ddb.tls import deny_without_tls
from secure_ddb.waiver import acknowledge

if TYPE_CHECKING:
    from secure_ddb.context import TableContext
    from secure_ddb.encryption import TableKey

_ACCESS_LOGS = (
    "The bucket's policy lets only the audit function's role write, which it does when a change could not be logged. "
    "Object Lock keeps the objects from being altered. Reads are CloudTrail data events, where a trail records them."
)
_REPLICATION = (
    "The bucket holds only what the audit function could not handle, versioned and locked. The changes themselves are "
    "in the table, whose items are backed up."
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


def make_failure_bucket(context: TableContext, key: TableKey) -> CfnBucket:
    """Make the bucket: encrypted, versioned, locked, closed to the public."""
    bucket = CfnBucket(
        context.scope,
        "AuditFailureBucket",
        bucket_encryption=CfnBucket.BucketEncryptionProperty(
            server_side_encryption_configuration=[
                CfnBucket.ServerSideEncryptionRuleProperty(
                    bucket_key_enabled=True,
                    server_side_encryption_by_default=CfnBucket.ServerSideEncryptionByDefaultProperty(
                        sse_algorithm="aws:kms", kms_master_key_id=key.arn
                    ),
                )
            ]
        ),
        **_object_lock(context),
        ownership_controls=CfnBucket.OwnershipControlsProperty(
            rules=[CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerEnforced")]
        ),
        public_access_block_configuration=CfnBucket.PublicAccessBlockConfigurationProperty(
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        ),
        versioning_configuration=CfnBucket.VersioningConfigurationProperty(status="Enabled"),
    )
    bucket.apply_removal_policy(context.lifecycle.removal_policy)
    acknowledge(bucket, BUCKET_FINDINGS)
    return bucket


def _object_lock(context: TableContext) -> dict[str, Any]:
    """Return the settings that keep failed records from being altered, for as long as the floor demands of the log.

    Governance mode, so that a mistake can be repaired by whoever holds `s3:BypassGovernanceRetention`.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """
    if context.lifecycle.is_ephemeral:
        return {}
    retention = CfnBucket.DefaultRetentionProperty(mode="GOVERNANCE", days=context.classification.floor.log_retention)
    return {
        "object_lock_enabled": True,
        "object_lock_configuration": CfnBucket.ObjectLockConfigurationProperty(
            object_lock_enabled="Enabled",
            rule=CfnBucket.ObjectLockRuleProperty(default_retention=retention),
        ),
    }


def failure_bucket_policy(bucket_arn: str, role_arn: str) -> dict[str, Any]:
    """Return the policy of the bucket that keeps failed records: only the audit role writes, only over TLS.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            deny_without_tls("s3:*", [bucket_arn, f"{bucket_arn}/*"]),
            {
                "Sid": "KeepFailedAuditRecords",
                "Effect": "Allow",
                "Principal": {"AWS": role_arn},
                "Action": "s3:PutObject",
                "Resource": f"{bucket_arn}/*",
            },
            {
                "Sid": "DenyWritingToOthers",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "s3:PutObject",
                "Resource": f"{bucket_arn}/*",
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role_arn}},
            },
            {
                "Sid": "FindBucket",
                "Effect": "Allow",
                "Principal": {"AWS": role_arn},
                "Action": "s3:ListBucket",
                "Resource": bucket_arn,
            },
        ],
    }
