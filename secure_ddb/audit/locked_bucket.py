"""A bucket whose objects cannot change: failed records, and copies of logged ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_s3 import Bucket, CfnBucket, IBucket

from secure_ddb.access.tls import deny_without_tls

if TYPE_CHECKING:
    from secure_ddb.context import TableContext
    from secure_ddb.encryption.table_key import TableKey

_REPLICATE = "s3:Replicate*"
_HIDE_OR_UNLOCK = [
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
]


def make_locked_bucket(
    context: TableContext, id: str, key: TableKey, retention_in_days: int, *, bucket_key: bool = True
) -> CfnBucket:
    """Make a bucket: encrypted, versioned, locked for some days, closed to the public. Its policy is for the caller."""
    bucket = CfnBucket(
        context.scope,
        id,
        bucket_encryption=CfnBucket.BucketEncryptionProperty(
            server_side_encryption_configuration=[
                CfnBucket.ServerSideEncryptionRuleProperty(
                    bucket_key_enabled=bucket_key,
                    server_side_encryption_by_default=CfnBucket.ServerSideEncryptionByDefaultProperty(
                        sse_algorithm="aws:kms", kms_master_key_id=key.arn
                    ),
                )
            ]
        ),
        **_object_lock(context, retention_in_days),
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
    return bucket


def delete_after_retention(bucket: CfnBucket, retention_in_days: int) -> None:
    """Let objects end with their lock, which alone would let them stay.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-lifecycle
    """
    bucket.lifecycle_configuration = CfnBucket.LifecycleConfigurationProperty(
        rules=[
            CfnBucket.RuleProperty(
                id="DeleteAfterRetention",
                status="Enabled",
                expiration_in_days=retention_in_days,
                noncurrent_version_expiration=CfnBucket.NoncurrentVersionExpirationProperty(noncurrent_days=1),
            )
        ]
    )


def _object_lock(context: TableContext, retention_in_days: int) -> dict[str, Any]:
    """Return the settings that keep objects from being altered; an ephemeral table's bucket has none, to be emptied.

    Governance mode, so that a mistake can be repaired: in compliance mode not even the root user could. The bucket's
    policy denies `s3:BypassGovernanceRetention`, so a repair begins with a change of the policy.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """
    if context.lifecycle.is_ephemeral:
        return {}
    retention = CfnBucket.DefaultRetentionProperty(mode="GOVERNANCE", days=retention_in_days)
    return {
        "object_lock_enabled": True,
        "object_lock_configuration": CfnBucket.ObjectLockConfigurationProperty(
            object_lock_enabled="Enabled",
            rule=CfnBucket.ObjectLockRuleProperty(default_retention=retention),
        ),
    }


def only_writer_policy(bucket_arn: str, role_arn: str | list[str], *, is_locked: bool) -> dict[str, Any]:
    """Return the policy of a bucket: one role or few write, objects stay, and every request uses TLS.

    It allows nothing: AWS Lambda checks the execution role's own permissions when it accepts a failure destination.
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    objects = f"{bucket_arn}/*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            deny_without_tls("s3:*", [bucket_arn, objects]),
            {
                "Sid": "DenyWritingToOthers",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "s3:PutObject",
                "Resource": objects,
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role_arn}},
            },
            *keep_objects(bucket_arn, is_locked=is_locked),
        ],
    }


def keep_objects(bucket_arn: str, *, is_locked: bool) -> list[dict[str, Any]]:
    """Return the denials that keep objects unchanged; not even the writer is exempt.

    Replication writes without `s3:PutObject`, and brings the lock of the source bucket along. `s3:DeleteObject` hides
    objects behind delete markers, which Object Lock does not prevent. `s3:DeleteObjectVersion` is not denied: it
    removes delete markers, and the lock refuses it for objects.
    Writers need none of these: the bucket's default retention locks what they write. S3's own lifecycle rules are not
    subject to a bucket's policy.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html

    Args:
        bucket_arn: ARN of the bucket.
        is_locked: Whether it has Object Lock. One without is emptied when its stack is deleted.
    """
    denial = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": f"{bucket_arn}/*"}
    denials = {"DenyReplication": _REPLICATE} | ({"DenyHidingAndUnlocking": _HIDE_OR_UNLOCK} if is_locked else {})
    return [{"Sid": sid, "Action": actions, **denial} for sid, actions in denials.items()]


def bucket_statements(
    bucket_arn: str, *, sid: str, object_actions: list[str], bucket_actions: list[str]
) -> list[dict[str, Any]]:
    """Return the permissions of the writer's role: some actions on the bucket, others on every object in it.

    Every object, because Lambda was seen to refuse a role that may only write below the prefix that it uses.
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html

    Args:
        bucket_arn: ARN of the bucket.
        sid: What the role does with the objects.
        object_actions: Allowed on the objects.
        bucket_actions: Allowed on the bucket itself.
    """
    return [
        {"Sid": sid, "Effect": "Allow", "Action": object_actions, "Resource": f"{bucket_arn}/*"},
        {"Sid": "FindBucket", "Effect": "Allow", "Action": bucket_actions, "Resource": bucket_arn},
    ]


def as_imported(bucket: CfnBucket, bucket_arn: str, key: TableKey) -> IBucket:
    """Return the bucket as CDK sees an imported one: grants go to the principal, and its policy stays as it is."""
    return Bucket.from_bucket_attributes(bucket, "Bucket", bucket_arn=bucket_arn, encryption_key=key.key)
