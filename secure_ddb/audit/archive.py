"""The archive of the audit trail: log group to Amazon Data Firehose to a bucket with Object Lock (AUD-3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_kinesisfirehose import CfnDeliveryStream
from aws_cdk.aws_logs import CfnLogGroup, CfnLogStream, CfnSubscriptionFilter
from aws_cdk.aws_s3 import CfnBucket, CfnBucketPolicy, IBucket

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.audit.locked_bucket import (
    as_imported,
    bucket_statements,
    delete_after_retention,
    make_locked_bucket,
    only_writer_policy,
)
from secure_ddb.encryption.table_key import one_or_all
from secure_ddb.waivers.accepted_findings import ALL_OBJECTS, ARCHIVE_BUCKET, bucket_findings
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from secure_ddb.audit.archive_settings import ArchiveSettings
    from secure_ddb.context import TableContext
    from secure_ddb.encryption.table_key import TableKey

# docs/archive.sql relies on it. The day is the one on which the oldest line of the object reached Firehose, in UTC.
# https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
PREFIX = "audit/day=!{timestamp:yyyy-MM-dd}/"
_ERROR_PREFIX = "errors/!{firehose:error-output-type}/day=!{timestamp:yyyy-MM-dd}/"
# As long and as much as is sensible: few large objects cost less to write and to query than many small ones.
_BUFFERED_SECONDS = 900
_BUFFERED_MIB = 64
_ERROR_LOG_DAYS = 90

# The permissions that AWS documents for a delivery to S3, by resource.
# https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
_OBJECT_ACTIONS = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
_BUCKET_ACTIONS = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]


@dataclass(frozen=True, kw_only=True)
class LogArchive:
    """The archive of the audit log."""

    resource: CfnBucket
    bucket_arn: str
    key: TableKey
    delivery_stream_name: str
    log_group_name: str
    subscription: CfnSubscriptionFilter

    @cached_property
    def bucket(self) -> IBucket:
        """The bucket, seen as an imported one: CDK adds nothing to the policy that security has seen."""
        return as_imported(self.resource, self.bucket_arn, self.key)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The way into an archive, for logs of this account or of others.

    Attributes:
        bucket: The archive.
        bucket_arn: Its ARN.
        stream: The delivery stream that writes to it.
        stream_arn: Its ARN.
        role_arn: ARN of the role with which CloudWatch Logs puts lines into the stream.
    """

    bucket: CfnBucket
    bucket_arn: str
    stream: CfnDeliveryStream
    stream_arn: str
    role_arn: str


def make_delivery(
    context: TableContext, settings: ArchiveSettings, key: TableKey, trust: dict[str, Any] | None = None
) -> Delivery:
    """Create a bucket where lines can be neither altered nor deleted, and the delivery to it.

    Args:
        context: Where to make it.
        settings: How long objects are locked.
        key: The key of it all.
        trust: The condition under which CloudWatch Logs assumes its role; for this account and Region, unless given.
    """
    bucket = _make_bucket(context, settings, key)
    bucket_name = bucket.ref
    bucket_arn = f"arn:{context.environment.partition}:s3:::{bucket_name}"
    stream = _deliver(context, bucket_name, bucket_arn, key)
    stream_arn = stream.attr_arn
    role_arn = _make_role(
        context,
        "AuditArchiveSubscription",
        ServicePrincipal("logs.amazonaws.com", conditions=trust or logs_trust(context)),
        "Lets CloudWatch Logs put the audit log into one delivery stream",
        subscription_statements(context, delivery_arn=stream_arn, key_arn=one_or_all(key.arns)),
    )
    return Delivery(bucket=bucket, bucket_arn=bucket_arn, stream=stream, stream_arn=stream_arn, role_arn=role_arn)


def archive_log(context: TableContext, settings: ArchiveSettings, log_group_name: str, key: TableKey) -> LogArchive:
    """Copy every line of the log group into a bucket where it can be neither altered nor deleted."""
    delivery = make_delivery(context, settings, key)
    subscription = CfnSubscriptionFilter(
        context.scope,
        "AuditArchiveSubscription",
        log_group_name=log_group_name,
        # Everything.
        filter_pattern="",
        destination_arn=delivery.stream_arn,
        role_arn=delivery.role_arn,
    )
    return LogArchive(
        resource=delivery.bucket,
        bucket_arn=delivery.bucket_arn,
        key=key,
        delivery_stream_name=delivery.stream.ref,
        log_group_name=log_group_name,
        subscription=subscription,
    )


def _make_bucket(context: TableContext, settings: ArchiveSettings, key: TableKey) -> CfnBucket:
    days = settings.retention_in_days
    bucket = make_locked_bucket(context, "AuditArchiveBucket", key, days)
    delete_after_retention(bucket, days)
    acknowledge(bucket, bucket_findings(ARCHIVE_BUCKET))
    return bucket


def _deliver(context: TableContext, bucket_name: str, bucket_arn: str, key: TableKey) -> CfnDeliveryStream:
    scope = context.scope
    log_group_name, log_stream_name = _make_error_log(context, key)
    error_log_arn = context.environment.arn("logs", f"log-group:{log_group_name}:log-stream:{log_stream_name}")
    role_arn = _make_role(
        context,
        "AuditArchive",
        ServicePrincipal("firehose.amazonaws.com", conditions=firehose_trust(context)),
        "Lets Firehose write to one bucket and log its errors",
        delivery_statements(context, bucket_arn=bucket_arn, error_log_arn=error_log_arn, key_arn=one_or_all(key.arns)),
        wildcards={f"{bucket_arn}/*": ALL_OBJECTS},
    )
    bucket_policy = CfnBucketPolicy(
        scope,
        "AuditArchiveBucketPolicy",
        bucket=bucket_name,
        policy_document=only_writer_policy(bucket_arn, role_arn, is_locked=not context.lifecycle.is_ephemeral),
    )
    bucket_policy.apply_removal_policy(context.lifecycle.removal_policy)
    return CfnDeliveryStream(
        scope,
        "AuditArchiveDelivery",
        delivery_stream_type="DirectPut",
        delivery_stream_encryption_configuration_input=(
            CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty(
                key_type="CUSTOMER_MANAGED_CMK", key_arn=key.arn
            )
        ),
        extended_s3_destination_configuration=CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty(
            # Encrypted as the bucket has it, because a setting here would leave out the bucket's key.
            bucket_arn=bucket_arn,
            role_arn=role_arn,
            prefix=PREFIX,
            error_output_prefix=_ERROR_PREFIX,
            compression_format="GZIP",
            buffering_hints=CfnDeliveryStream.BufferingHintsProperty(
                interval_in_seconds=_BUFFERED_SECONDS, size_in_m_bs=_BUFFERED_MIB
            ),
            processing_configuration=_lines_of_the_log(),
            cloud_watch_logging_options=CfnDeliveryStream.CloudWatchLoggingOptionsProperty(
                enabled=True, log_group_name=log_group_name, log_stream_name=log_stream_name
            ),
        ),
    )


def _lines_of_the_log() -> CfnDeliveryStream.ProcessingConfigurationProperty:
    """Unpack records from CloudWatch Logs, so that objects contain the plain lines, each with a newline.

    https://docs.aws.amazon.com/firehose/latest/dev/Message_extraction.html
    """
    processor = CfnDeliveryStream.ProcessorProperty
    parameter = CfnDeliveryStream.ProcessorParameterProperty
    return CfnDeliveryStream.ProcessingConfigurationProperty(
        enabled=True,
        processors=[
            processor(
                type="Decompression",
                parameters=[parameter(parameter_name="CompressionFormat", parameter_value="GZIP")],
            ),
            processor(
                type="CloudWatchLogProcessing",
                parameters=[parameter(parameter_name="DataMessageExtraction", parameter_value="true")],
            ),
            processor(type="AppendDelimiterToRecord"),
        ],
    )


def _make_error_log(context: TableContext, key: TableKey) -> tuple[str, str]:
    """Make the log that says why a delivery failed; the alarms only say that one did."""
    log_group = CfnLogGroup(
        context.scope, "AuditArchiveErrorLog", kms_key_id=key.arn, retention_in_days=_ERROR_LOG_DAYS
    )
    log_group.apply_removal_policy(context.lifecycle.removal_policy)
    log_group_name = log_group.ref
    return log_group_name, CfnLogStream(context.scope, "AuditArchiveErrorLogStream", log_group_name=log_group_name).ref


def _make_role(
    context: TableContext,
    name: str,
    service: ServicePrincipal,
    description: str,
    statements: list[dict[str, Any]],
    *,
    wildcards: dict[str, str] | None = None,
) -> str:
    policy = ManagedPolicy(
        context.scope,
        f"{name}Policy",
        path=SERVICE_ROLE_PATH,
        description=description,
        document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
    )
    if wildcards:
        acknowledge_wildcards(policy, wildcards)
    role = Role(context.scope, f"{name}Role", path=SERVICE_ROLE_PATH, assumed_by=service, managed_policies=[policy])
    return role.role_arn


def firehose_trust(context: TableContext) -> dict[str, Any]:
    """Return the condition under which Firehose assumes its role: for this account.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CreateFirehoseStream.html
    """
    return {"StringEquals": {"sts:ExternalId": context.environment.account}}


def logs_trust(context: TableContext) -> dict[str, Any]:
    """Return the condition under which CloudWatch Logs assumes its role: for this account and Region.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#FirehoseExample
    """
    return {"StringLike": {"aws:SourceArn": context.environment.arn("logs", "*")}}


def delivery_statements(
    context: TableContext, *, bucket_arn: str, error_log_arn: str, key_arn: str | list[str]
) -> list[dict[str, Any]]:
    """Return the permissions of Firehose's role: to write to the bucket with its key, and to log errors.

    https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
    """
    return [
        *bucket_statements(
            bucket_arn, sid="ArchiveAuditLog", object_actions=_OBJECT_ACTIONS, bucket_actions=_BUCKET_ACTIONS
        ),
        _use_key_through(context, "s3", key_arn),
        {"Sid": "LogErrors", "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": error_log_arn},
    ]


def subscription_statements(
    context: TableContext, *, delivery_arn: str, key_arn: str | list[str]
) -> list[dict[str, Any]]:
    """Return the permissions of CloudWatch Logs' role: put records, which takes the key of the delivery stream too.

    AWS's own log delivery has the same permissions.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForLogDeliveryPolicy.html
    """
    return [
        {
            "Sid": "PutAuditLog",
            "Effect": "Allow",
            "Action": ["firehose:PutRecord", "firehose:PutRecordBatch"],
            "Resource": delivery_arn,
        },
        _use_key_through(context, "firehose", key_arn),
    ]


def _use_key_through(context: TableContext, service: str, key_arn: str | list[str]) -> dict[str, Any]:
    return {
        "Sid": "UseTableKey",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": key_arn,
        "Condition": {"StringEquals": {"kms:ViaService": f"{service}.{context.environment.region}.amazonaws.com"}},
    }
