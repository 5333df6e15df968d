"""Stream to Lambda to log group, with a bucket for what could not be logged (AUD-1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from aws_cdk import Duration
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_lambda import (
    ApplicationLogLevel,
    Architecture,
    CfnEventSourceMapping,
    Code,
    Function,
    LoggingFormat,
    Runtime,
    SystemLogLevel,
)
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_s3 import CfnBucket, CfnBucketPolicy
from aws_cdk.aws_s3.mixins import BucketAutoDeleteObjects

from secure_ddb.actions import READ_STREAM
from secure_ddb.audit.retention import RETENTION_DAYS
from secure_ddb.errors import reject, require_type
from secure_ddb.waiver import Waiver, acknowledge

if TYPE_CHECKING:
    from aws_cdk.aws_dynamodb import TableV2

    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.encryption import TableKey

HANDLER_FOLDER = Path(__file__).parent / "handler"

# The stream keeps a record for 24 hours. Twelve leave as many to notice and to repair.
# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
_LONGEST_RECORD_AGE = 12 * 60 * 60
_RETRIES = 5
_BATCH_SIZE = 100


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """How the changes of items are recorded.

    Attributes:
        log_retention: How long the log group keeps the records.

    Raises:
        InvalidArgumentError: The value is not an `aws_logs.RetentionDays`.
    """

    log_retention: RetentionDays = RetentionDays.THIRTEEN_MONTHS

    def __post_init__(self) -> None:
        """Refuse numbers of days that CloudWatch Logs does not know."""
        require_type("audit.log_retention", self.log_retention, RetentionDays)

    def check(self, context: TableContext) -> None:
        """Compare with the classification's floor and record what differs from the default.

        Raises:
            InvalidArgumentError: The retention is below the floor.
        """
        least = context.classification.floor.log_retention
        if RETENTION_DAYS[self.log_retention] < least:
            reject(
                "audit.log_retention",
                self.log_retention.name,
                f"{least} days or more for {context.classification.name}",
            )
        context.evidence.compare(
            "audit.log_retention", self.log_retention.name, DEFAULT_AUDIT.log_retention.name
        )


DEFAULT_AUDIT = AuditSettings()


@dataclass(frozen=True, kw_only=True)
class TableAudit:
    """What records the changes of a table."""

    function: Function
    function_name: str
    log_group: LogGroup
    event_source_id: str


def record_changes(
    context: TableContext, settings: AuditSettings | Waiver, table: TableV2, key: TableKey
) -> TableAudit | None:
    """Write one JSON line for each change of an item into a log group of the table's own, unless waived.

    Raises:
        InvalidArgumentError: The retention is below the classification's floor.
    """
    if isinstance(settings, Waiver):
        context.evidence.waive("Audit trail (AUD-1)", settings)
        return None
    settings.check(context)
    scope = context.scope
    stream_arn = table.table_stream_arn or ""
    log_group = LogGroup(
        scope,
        "AuditLogGroup",
        encryption_key=key.key,
        retention=settings.log_retention,
        removal_policy=context.lifecycle.removal_policy,
    )
    bucket = _failure_bucket(context, key)
    bucket_name = bucket.ref
    bucket_arn = f"arn:{context.environment.partition}:s3:::{bucket_name}"
    policy = ManagedPolicy(
        scope,
        "AuditPolicy",
        description="Lets the audit function read one stream and write one log group and one bucket",
        document=PolicyDocument.from_json(
            {
                "Version": "2012-10-17",
                "Statement": audit_statements(
                    context, stream_arn=stream_arn, log_group_arn=log_group.log_group_arn, key_arn=key.arn
                ),
            }
        ),
    )
    role = Role(scope, "AuditRole", assumed_by=_lambda_service(), managed_policies=[policy])
    bucket_policy = CfnBucketPolicy(
        scope,
        "AuditFailureBucketPolicy",
        bucket=bucket_name,
        policy_document=failure_bucket_policy(bucket_arn, role.role_arn),
    )
    if context.lifecycle.is_ephemeral:
        # After the policy, which this has to extend: a bucket has only one.
        bucket.with_(BucketAutoDeleteObjects())
    function = _function(context, role, log_group)
    function_name = function.function_name
    event_source = CfnEventSourceMapping(
        scope,
        "AuditEventSource",
        function_name=function_name,
        event_source_arn=stream_arn,
        # From the oldest record on, so that nothing is missed between the table's creation and this mapping's.
        starting_position="TRIM_HORIZON",
        batch_size=_BATCH_SIZE,
        bisect_batch_on_function_error=True,
        function_response_types=["ReportBatchItemFailures"],
        maximum_retry_attempts=_RETRIES,
        maximum_record_age_in_seconds=_LONGEST_RECORD_AGE,
        destination_config=CfnEventSourceMapping.DestinationConfigProperty(
            # A bucket receives the records themselves; a queue would receive only their positions in the stream.
            on_failure=CfnEventSourceMapping.OnFailureProperty(destination=bucket_arn)
        ),
        # Without these metrics nobody would hear that a record had gone to the bucket.
        metrics_config=CfnEventSourceMapping.MetricsConfigProperty(metrics=["EventCount"]),
    )
    # Lambda tries the destination when the mapping is made.
    event_source.add_resource_dependency(bucket_policy)
    return TableAudit(
        function=function,
        function_name=function_name,
        log_group=log_group,
        event_source_id=event_source.ref,
    )


def _function(context: TableContext, role: Role, log_group: LogGroup) -> Function:
    function = Function(
        context.scope,
        "AuditFunction",
        description="Writes one JSON line for each change of an item",
        runtime=_newest_runtime(),
        architecture=_arm64(),
        code=_handler_code(context.environment),
        handler="index.handler",
        role=role,
        log_group=log_group,
        # Keeps Lambda's own START, END and REPORT lines out of the audit log.
        logging_format=LoggingFormat.JSON,
        system_log_level_v2=SystemLogLevel.WARN,
        application_log_level_v2=ApplicationLogLevel.INFO,
        memory_size=256,
        timeout=_timeout(),
    )
    acknowledge(function, _FUNCTION_FINDINGS)
    return function


def _failure_bucket(context: TableContext, key: TableKey) -> CfnBucket:
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
    acknowledge(bucket, _BUCKET_FINDINGS)
    return bucket


def _object_lock(context: TableContext) -> dict[str, Any]:
    """Return the settings that keep failed records from being altered as long as the log keeps the others.

    Governance mode, so that a mistake can be repaired by whoever holds `s3:BypassGovernanceRetention`.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """
    if context.lifecycle.is_ephemeral:
        return {}
    retention = CfnBucket.DefaultRetentionProperty(
        mode="GOVERNANCE", days=context.classification.floor.log_retention
    )
    return {
        "object_lock_enabled": True,
        "object_lock_configuration": CfnBucket.ObjectLockConfigurationProperty(
            object_lock_enabled="Enabled",
            rule=CfnBucket.ObjectLockRuleProperty(default_retention=retention),
        ),
    }


def audit_statements(
    context: TableContext, *, stream_arn: str, log_group_arn: str, key_arn: str
) -> list[dict[str, Any]]:
    """Return what the audit function's role may do; writing to the bucket is granted by the bucket's policy.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    """
    region = context.environment.region
    return [
        {"Sid": "ReadStream", "Effect": "Allow", "Action": list(READ_STREAM), "Resource": stream_arn},
        {
            "Sid": "WriteAuditLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": log_group_arn,
        },
        {
            "Sid": "DecryptStreamAndKeepFailedRecords",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": [f"dynamodb.{region}.amazonaws.com", f"s3.{region}.amazonaws.com"]
                }
            },
        },
    ]


def failure_bucket_policy(bucket_arn: str, role_arn: str) -> dict[str, Any]:
    """Return the policy of the bucket that keeps failed records: only the audit role writes, only over TLS.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyRequestsWithoutTls",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "s3:*",
                "Resource": [bucket_arn, f"{bucket_arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "KeepFailedAuditRecords",
                "Effect": "Allow",
                "Principal": {"AWS": role_arn},
                "Action": "s3:PutObject",
                "Resource": f"{bucket_arn}/*",
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


_codes: WeakKeyDictionary[StackEnvironment, Code] = WeakKeyDictionary()


def _handler_code(environment: StackEnvironment) -> Code:
    """Return the handler's folder as an asset; an asset belongs to one stack, whose tables share it."""
    if environment not in _codes:
        _codes[environment] = Code.from_asset(str(HANDLER_FOLDER), exclude=["__pycache__", "*.pyc"])
    return _codes[environment]


@cache
def _lambda_service() -> ServicePrincipal:
    return ServicePrincipal("lambda.amazonaws.com")


@cache
def _newest_runtime() -> Runtime:
    return Runtime.PYTHON_3_14


@cache
def _arm64() -> Architecture:
    return Architecture.ARM_64


@cache
def _timeout() -> Duration:
    return Duration.minutes(1)


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
_FUNCTION_FINDINGS = {
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
_BUCKET_FINDINGS = {
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
