"""Stream to Lambda to log group, with a bucket for what could not be logged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Validations
from aws_cdk.aws_iam import (
    AccountRootPrincipal,
    ManagedPolicy,
    PolicyDocument,
    PolicyStatement,
    Role,
    ServicePrincipal,
)
from aws_cdk.aws_kms import Key, KeySpec, KeyUsage
from aws_cdk.aws_lambda import (
    ApplicationLogLevel,
    Architecture,
    Code,
    EventSourceMapping,
    Function,
    LoggingFormat,
    MetricsConfig,
    MetricType,
    Runtime,
    StartingPosition,
    SystemLogLevel,
)
from aws_cdk.aws_lambda_event_sources import S3OnFailureDestination
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_s3 import (
    BlockPublicAccess,
    Bucket,
    BucketEncryption,
    ObjectLockRetention,
    ObjectOwnership,
)

import secure_ddb
from secure_ddb.access.actions import READ_STREAM
from secure_ddb.audit.digest_key import DIGEST_KEY_ADMINISTRATION
from secure_ddb.waivers.accepted_findings import FAILURE_BUCKET, FUNCTION_FINDINGS, bucket_findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_dynamodb import TableV2
    from constructs import Construct

    from benchmarks.handwritten.place import Place

# Both variants deploy the same code.
HANDLER_FOLDER = Path(secure_ddb.__file__).parent / "audit_trail" / "handler"


class Audit(NamedTuple):
    """What the alarms watch."""

    function: Function
    event_source: EventSourceMapping


def make_audit(scope: Construct, table: TableV2, key: Key, place: Place) -> Audit:
    """Write one line for each change of an item into a log group."""
    stream_arn = table.table_stream_arn
    assert stream_arn is not None  # noqa: S101 - the table has a stream
    log_group = LogGroup(
        scope,
        "AuditLogGroup",
        encryption_key=key,
        retention=RetentionDays.THIRTEEN_MONTHS,
        deletion_protection_enabled=True,
        removal_policy=RemovalPolicy.RETAIN,
    )
    role = _make_role(scope, stream_arn, log_group, key, place)
    bucket = _make_bucket(scope, key, role)
    function = _make_function(scope, role, log_group, _make_digest_key(scope, role))
    event_source = EventSourceMapping(
        scope,
        "AuditEventSource",
        target=function,
        event_source_arn=stream_arn,
        starting_position=StartingPosition.TRIM_HORIZON,
        batch_size=100,
        bisect_batch_on_error=True,
        report_batch_item_failures=True,
        retry_attempts=5,
        max_record_age=Duration.hours(12),
        on_failure=S3OnFailureDestination(bucket),
        support_s3_on_failure_destination=True,
        metrics_config=MetricsConfig(metrics=[MetricType.EVENT_COUNT]),
    )
    # Lambda tries the destination when the mapping is made, so the bucket's policy has to be there.
    event_source.node.add_dependency(bucket)
    return Audit(function, event_source)


def _make_role(scope: Construct, stream_arn: str, log_group: LogGroup, key: Key, place: Place) -> Role:
    services = [f"{service}.{place.region}.amazonaws.com" for service in ("dynamodb", "s3")]
    policy = ManagedPolicy(
        scope,
        "AuditPolicy",
        description="Lets the audit function read one stream and write one log group and one bucket",
        statements=[
            PolicyStatement(sid="ReadStream", actions=list(READ_STREAM), resources=[stream_arn]),
            PolicyStatement(
                sid="WriteAuditLog",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
            PolicyStatement(
                sid="DecryptStreamAndKeepFailedRecords",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": services}},
            ),
        ],
    )
    return Role(
        scope,
        "AuditRole",
        assumed_by=ServicePrincipal("lambda.amazonaws.com"),
        managed_policies=[policy],
    )


def _make_bucket(scope: Construct, key: Key, role: Role) -> Bucket:
    bucket = Bucket(
        scope,
        "AuditFailureBucket",
        encryption=BucketEncryption.KMS,
        encryption_key=key,
        bucket_key_enabled=True,
        object_lock_default_retention=ObjectLockRetention.governance(Duration.days(365)),
        object_ownership=ObjectOwnership.BUCKET_OWNER_ENFORCED,
        block_public_access=BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        versioned=True,
        removal_policy=RemovalPolicy.RETAIN,
    )
    bucket.add_to_resource_policy(
        PolicyStatement(
            sid="KeepFailedAuditRecords",
            principals=[role],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects("*")],
        )
    )
    bucket.add_to_resource_policy(
        PolicyStatement(
            sid="FindBucket",
            principals=[role],
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn],
        )
    )
    _acknowledge(bucket, bucket_findings(FAILURE_BUCKET))
    return bucket


def _make_digest_key(scope: Construct, role: Role) -> Key:
    return Key(
        scope,
        "AuditDigestKey",
        description="Digests item keys and authenticates lines in the audit log of one DynamoDB table",
        key_spec=KeySpec.HMAC_256,
        key_usage=KeyUsage.GENERATE_VERIFY_MAC,
        pending_window=Duration.days(30),
        removal_policy=RemovalPolicy.RETAIN,
        policy=PolicyDocument(
            statements=[
                PolicyStatement(
                    sid="AdministerWithoutUse",
                    principals=[AccountRootPrincipal()],
                    actions=DIGEST_KEY_ADMINISTRATION,
                    resources=["*"],
                ),
                PolicyStatement(sid="DigestItemKeys", principals=[role], actions=["kms:GenerateMac"], resources=["*"]),
                PolicyStatement(
                    sid="VerifyLinks",
                    principals=[AccountRootPrincipal()],
                    actions=["kms:VerifyMac"],
                    resources=["*"],
                ),
            ]
        ),
    )


def _make_function(scope: Construct, role: Role, log_group: LogGroup, digest_key: Key) -> Function:
    function = Function(
        scope,
        "AuditFunction",
        description="Writes one JSON line for each change of an item",
        runtime=Runtime.PYTHON_3_14,
        architecture=Architecture.ARM_64,
        code=Code.from_asset(str(HANDLER_FOLDER), exclude=["__pycache__", "*.pyc"]),
        handler="audit_trail.index.handler",
        environment={"KEYS": "digest", "HMAC_KEY_ID": digest_key.key_arn},
        # The role has all it needs; otherwise the failure destination would add a second, wider policy.
        role=role.without_policy_updates(),
        log_group=log_group,
        logging_format=LoggingFormat.JSON,
        system_log_level_v2=SystemLogLevel.WARN,
        application_log_level_v2=ApplicationLogLevel.INFO,
        memory_size=256,
        timeout=Duration.seconds(60),
    )
    _acknowledge(function, FUNCTION_FINDINGS)
    return function


def _acknowledge(resource: Construct, reasons: Mapping[str, str]) -> None:
    Validations.of(resource).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items()))
