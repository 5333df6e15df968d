"""A CloudTrail trail of the table's own: who read and who wrote (AUD-2)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_cloudtrail import CfnTrail
from aws_cdk.aws_s3 import CfnBucket, CfnBucketPolicy
from aws_cdk.aws_s3.mixins import BucketAutoDeleteObjects

from secure_ddb.access.tls import deny_without_tls
from secure_ddb.audit.locked_bucket import delete_after_retention, keep_objects, make_locked_bucket
from secure_ddb.audit.reads import TableTrail
from secure_ddb.part import Part
from secure_ddb.perimeter.observation import observe, perimeter_measure
from secure_ddb.waivers.accepted_findings import TRAIL_BUCKET, TRAIL_FINDINGS, bucket_findings
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.audit.construct import AuditTrail
    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.encryption.table_key import KeyPolicy, TableKey
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.perimeter.construct import Perimeter

# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
_LONGEST_NAME = 128
_CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}


class ReadTrail(Part):
    """The table's own trail, if there is one: who read and who wrote, and requests from outside of the perimeter."""

    def __init__(self, context: TableContext, audit: AuditTrail, perimeter: Perimeter) -> None:
        """Store the settings from the audit trail; the perimeter says which requests are counted, if any."""
        self._context = context
        self._audit = audit
        self._counted = perimeter.observed
        self._settings = audit.reads if isinstance(audit.reads, TableTrail) else None
        self._metric = ""
        self._trail: CfnTrail | None = None

    @cached_property
    def _name(self) -> str:
        # Chosen here because the policies of key and bucket name the trail, which cannot be made before they are.
        return self._context.regional_name(_LONGEST_NAME)

    @property
    def bucket_arn(self) -> str:
        """ARN of the bucket of the log files; empty, if there is no trail of the table's own."""
        return f"arn:{self._context.environment.partition}:s3:::{self._trail.s3_bucket_name}" if self._trail else ""

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let CloudTrail encrypt its log files."""
        return trail_key_statements(policy.environment, self._name) if self._settings else []

    def make(self, table: MadeTable) -> None:
        """Make the trail and its bucket; count requests from outside of the perimeter, if that was chosen."""
        if self._settings is None or self._audit.recorder is None:
            return
        role_name = self._audit.recorder.role_name
        trail = self._trail = _make_trail(self._context, self._settings, self._name, table, audit_role_name=role_name)
        if self._counted:
            self._metric = observe(self._context, self._counted, trail, table.key)
        else:
            acknowledge(trail, TRAIL_FINDINGS)

    def measures(self, _table: MadeTable, _alarms: AlarmSettings) -> Iterable[Measure]:
        """Watch the requests that are counted."""
        return [perimeter_measure(self._metric)] if self._metric else []


def _make_trail(
    context: TableContext, settings: TableTrail, name: str, table: MadeTable, *, audit_role_name: str
) -> CfnTrail:
    """Make the trail, and the bucket for its log files."""
    environment, key = context.environment, table.key
    bucket = _make_bucket(context, key, settings.retention_days)
    bucket_name = bucket.ref
    policy = CfnBucketPolicy(
        context.scope,
        "TrailBucketPolicy",
        bucket=bucket_name,
        policy_document=trail_bucket_policy(
            f"arn:{environment.partition}:s3:::{bucket_name}",
            trail_arn=_trail_arn(environment, name),
            account=environment.account,
            is_locked=not context.lifecycle.is_ephemeral,
        ),
    )
    policy.apply_removal_policy(context.lifecycle.removal_policy)
    if context.lifecycle.is_ephemeral:
        # After the policy, which this has to extend: a bucket has only one.
        bucket.with_(BucketAutoDeleteObjects())
    sessions = f"arn:{environment.partition}:sts::{environment.account}:assumed-role/{audit_role_name}/"
    trail = CfnTrail(
        context.scope,
        "Trail",
        trail_name=name,
        is_logging=True,
        s3_bucket_name=bucket_name,
        kms_key_id=key.arn,
        enable_log_file_validation=True,
        # The table is in one Region, and so are its data events.
        is_multi_region_trail=False,
        include_global_service_events=False,
        advanced_event_selectors=_event_selectors(table.arn, sessions),
    )
    # CloudTrail tries the bucket when the trail is made.
    trail.add_resource_dependency(policy)
    return trail


def _make_bucket(context: TableContext, key: TableKey, retention_in_days: int) -> CfnBucket:
    # With a bucket key CloudTrail would have to be allowed to decrypt.
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    bucket = make_locked_bucket(context, "TrailBucket", key, retention_in_days, bucket_key=False)
    delete_after_retention(bucket, retention_in_days)
    acknowledge(bucket, bucket_findings(TRAIL_BUCKET, ephemeral=context.lifecycle.reason))
    return bucket


def trail_bucket_policy(bucket_arn: str, *, trail_arn: str, account: str, is_locked: bool) -> dict[str, Any]:
    """Return the policy of the bucket for the log files: only CloudTrail writes, for this trail, and files stay.

    A request that carries no `aws:SourceArn`, which is every one that CloudTrail does not make, meets the denial. It
    rests on the same value as the permission, which AWS documents.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            deny_without_tls("s3:*", [bucket_arn, f"{bucket_arn}/*"]),
            {
                "Sid": "CheckBucket",
                "Effect": "Allow",
                "Principal": _CLOUDTRAIL,
                "Action": "s3:GetBucketAcl",
                "Resource": bucket_arn,
                "Condition": {"StringEquals": {"aws:SourceArn": trail_arn}},
            },
            {
                "Sid": "DeliverLogFiles",
                "Effect": "Allow",
                "Principal": _CLOUDTRAIL,
                "Action": "s3:PutObject",
                "Resource": f"{bucket_arn}/AWSLogs/{account}/*",
                "Condition": {
                    "StringEquals": {"aws:SourceArn": trail_arn, "s3:x-amz-acl": "bucket-owner-full-control"}
                },
            },
            {
                "Sid": "DenyWritingToOthers",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "s3:PutObject",
                "Resource": f"{bucket_arn}/*",
                "Condition": {"StringNotEquals": {"aws:SourceArn": trail_arn}},
            },
            *keep_objects(bucket_arn, is_locked=is_locked),
        ],
    }


def trail_key_statements(environment: StackEnvironment, name: str) -> list[dict[str, Any]]:
    """Return the key policy's statements for CloudTrail: it encrypts for this trail, and cannot decrypt.

    Each `Sid` ends with the trail's name, because tables may share a key and a `Sid` stands once.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    source = {"StringEquals": {"aws:SourceArn": _trail_arn(environment, name)}}
    trails = f"arn:{environment.partition}:cloudtrail:*:{environment.account}:trail/*"
    statement = {"Effect": "Allow", "Principal": _CLOUDTRAIL, "Resource": "*"}
    return [
        {
            "Sid": f"EncryptLogFiles{name}",
            **statement,
            "Action": "kms:GenerateDataKey*",
            "Condition": {**source, "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails}},
        },
        {"Sid": f"DescribeKey{name}", **statement, "Action": "kms:DescribeKey", "Condition": source},
    ]


def _trail_arn(environment: StackEnvironment, name: str) -> str:
    return environment.arn("cloudtrail", f"trail/{name}")


def _event_selectors(table_arn: str, audit_sessions: str) -> list[CfnTrail.AdvancedEventSelectorProperty]:
    """Select the data events of the table, its indexes and its stream, and no management events.

    Not by `readOnly`: CloudTrail says of a PartiQL `SELECT` that it is not read-only. The audit function is left out,
    because Lambda asks each shard for records four times a second in its name, and each time would be charged.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/understanding-ddb-log-entries.html
    """
    return [
        _selector(
            "Items", "AWS::DynamoDB::Table", audit_sessions, equal_to=[table_arn], starts_with=[f"{table_arn}/index/"]
        ),
        _selector("Stream", "AWS::DynamoDB::Stream", audit_sessions, starts_with=[f"{table_arn}/stream/"]),
    ]


def _selector(name: str, kind: str, audit_sessions: str, **arns: list[str]) -> CfnTrail.AdvancedEventSelectorProperty:
    fields: dict[str, Any] = {
        "eventCategory": {"equal_to": ["Data"]},
        "resources.type": {"equal_to": [kind]},
        "resources.ARN": arns,
        "userIdentity.arn": {"not_starts_with": [audit_sessions]},
    }
    selectors = [CfnTrail.AdvancedFieldSelectorProperty(field=field, **values) for field, values in fields.items()]
    return CfnTrail.AdvancedEventSelectorProperty(name=name, field_selectors=selectors)
