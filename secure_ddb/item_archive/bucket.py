"""The bucket for copies of items: encrypted with its own key, write-once, written by one role, read by named ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument
from aws_cdk.aws_s3 import CfnBucket, CfnBucketPolicy

from secure_ddb.access.grantees import require_role
from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.audit.locked_bucket import delete_after_retention, make_locked_bucket, only_writer_policy
from secure_ddb.durations import in_days
from secure_ddb.encryption.encryption import DEFAULT_ENCRYPTION, Encryption
from secure_ddb.encryption.key_actions import USE
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.part import Part
from secure_ddb.waivers.accepted_findings import ITEM_BUCKET, READ_ITEMS, bucket_findings
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_iam import IRole

    from secure_ddb.context import TableContext
    from secure_ddb.encryption.table_key import KeyPolicy, TableKey

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
_RETENTION_DAYS = range(1, 36_501)
_LIST = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions"]
_READ = ["s3:GetObject", "s3:GetObjectVersion"]


@dataclass(frozen=True, kw_only=True)
class ItemBucket:
    """The bucket, and the key that encrypts it and the function's log."""

    resource: CfnBucket
    name: str
    arn: str
    key: TableKey


class _KeyUse(Part):
    """The statements that the key needs: the bucket's objects, and the log of the function that fills it."""

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let the account's principals use the key through Amazon S3, and CloudWatch Logs for the stack's groups."""
        return [
            {
                "Sid": "EncryptLog",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{policy.environment.region}.amazonaws.com"},
                "Action": USE,
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": policy.log_groups}},
            },
            policy.use_through("s3", "KeepItemsInS3", ["kms:Decrypt", "kms:GenerateDataKey"]),
        ]


def retention_in_days(retention: Duration) -> int:
    """Return the days for which objects are locked.

    Raises:
        InvalidArgumentError: They are not 1 to 36500 whole days.
    """
    require_type("retention", retention, Duration)
    days = in_days(retention, "retention")
    if days not in _RETENTION_DAYS:
        reject("retention", f"{days} days", "1 to 36500 days")
    return days


def check_readers(context: TableContext, readers: Sequence[IRole]) -> None:
    """Reject anything but a role of this account, and a role whose permissions CDK would omit."""
    for position, reader in enumerate(readers):
        require_interface(f"readers[{position}]", reader, "role_arn", "an aws_iam.IRole")
        require_role(reader, context.environment)


def make_item_bucket(context: TableContext, *, days: int, writer_arn: str, readers: Sequence[IRole]) -> ItemBucket:
    """Make the bucket with its key and its policy, and let the readers read."""
    key = Encryption(context, DEFAULT_ENCRYPTION).provide_key([_KeyUse()])
    resource = make_locked_bucket(context, "Bucket", key, days)
    delete_after_retention(resource, days)
    acknowledge(resource, bucket_findings(ITEM_BUCKET))
    name = resource.ref
    bucket = ItemBucket(resource=resource, name=name, arn=f"arn:{context.environment.partition}:s3:::{name}", key=key)
    policy = CfnBucketPolicy(
        context.scope,
        "BucketPolicy",
        bucket=name,
        policy_document=item_bucket_policy(
            bucket.arn, writer_arn=writer_arn, reader_arns=[reader.role_arn for reader in readers]
        ),
    )
    policy.apply_removal_policy(context.lifecycle.removal_policy)
    if readers:
        _let_read(context, readers, bucket)
    return bucket


def _let_read(context: TableContext, readers: Sequence[IRole], bucket: ItemBucket) -> None:
    # A managed policy, because auditors object to inline ones.
    policy = ManagedPolicy(
        context.scope,
        "ReadItems",
        path=SERVICE_ROLE_PATH,
        description="Lets the readers read all copies of items in one bucket",
        document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": reading_statements(context, bucket)}),
        roles=list(readers),
    )
    acknowledge_wildcards(policy, {f"{bucket.arn}/*": READ_ITEMS})


def item_bucket_policy(bucket_arn: str, *, writer_arn: str, reader_arns: Sequence[str]) -> dict[str, Any]:
    """Return the policy: only one role writes, objects stay, and only the readers read.

    The policies of the table end at the bucket, so this one takes their place. Who may change it can add a reader;
    CloudTrail has that as `PutBucketPolicy`.
    """
    policy = only_writer_policy(bucket_arn, writer_arn, is_locked=True)
    policy["Statement"].append(
        {
            "Sid": "DenyReadingToOthers",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": _READ,
            "Resource": f"{bucket_arn}/*",
            # The writer cannot read either, because it has no permission; without any role the condition would be void.
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [writer_arn, *reader_arns]}},
        }
    )
    return policy


def reading_statements(context: TableContext, bucket: ItemBucket) -> list[dict[str, Any]]:
    """Return the permissions of a reader."""
    through_s3 = {"kms:ViaService": f"s3.{context.environment.region}.amazonaws.com"}
    return [
        {"Effect": "Allow", "Action": _LIST, "Resource": bucket.arn},
        {"Effect": "Allow", "Action": _READ, "Resource": f"{bucket.arn}/*"},
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": bucket.key.arn,
            "Condition": {"StringEquals": through_s3},
        },
    ]
