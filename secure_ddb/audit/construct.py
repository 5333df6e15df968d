"""Stream to Lambda to log group, with a bucket for what could not be logged (AUD-1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import CfnManagedPolicy, ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_lambda import CfnEventSourceMapping, Function, IFunction
from aws_cdk.aws_logs import LogGroup
from aws_cdk.aws_s3 import CfnBucket, CfnBucketPolicy, IBucket
from aws_cdk.aws_s3.mixins import BucketAutoDeleteObjects

from secure_ddb.actions import READ_STREAM, STREAM_POLICY
from secure_ddb.audit.archive_settings import archive_for
from secure_ddb.audit.digest_key import make_digest_key
from secure_ddb.audit.failure_bucket import failure_bucket_statements, make_failure_bucket
from secure_ddb.audit.function import handler_environment, make_alias, make_function
from secure_ddb.audit.locked_bucket import ALL_OBJECTS, as_imported, only_writer_policy
from secure_ddb.audit.reads import TableTrail
from secure_ddb.audit.settings import AuditSettings, LoggedKeys
from secure_ddb.audit.trail import TRAIL_FINDINGS, make_trail, trail_name
from secure_ddb.service_roles import SERVICE_ROLE_PATH
from secure_ddb.table_evidence import Guarantee
from secure_ddb.waiver import Waiver, acknowledge
from secure_ddb.wildcard_findings import acknowledge_wildcards

if TYPE_CHECKING:
    from aws_cdk.aws_cloudtrail import CfnTrail
    from aws_cdk.aws_dynamodb import TableV2

    from secure_ddb.audit.archive import LogArchive
    from secure_ddb.context import TableContext
    from secure_ddb.encryption import TableKey

# The stream keeps a record for 24 hours. Twelve leave as many to notice and to repair.
# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
_LONGEST_RECORD_AGE_SECONDS = 12 * 60 * 60
_RETRIES = 5
_BATCH_SIZE = 100
_SOURCE_FUNCTION = "lambda:SourceFunctionArn"


@dataclass(frozen=True, kw_only=True)
class TableAudit:
    """What records the changes of a table."""

    deployed_function: Function
    function_arn: str
    function_name: str
    log_group: LogGroup
    event_source_id: str
    failure_bucket_resource: CfnBucket
    failure_bucket_arn: str
    key: TableKey
    archive: LogArchive | None
    trail: CfnTrail | None

    @cached_property
    def function(self) -> IFunction:
        """The audit function, seen as an imported one: CDK adds nothing to what security has seen."""
        return Function.from_function_arn(self.deployed_function, "Function", self.function_arn)

    @cached_property
    def failure_bucket(self) -> IBucket:
        """The bucket of changes that could not be logged, seen as an imported one."""
        return as_imported(self.failure_bucket_resource, self.failure_bucket_arn, self.key)


def audit_role(context: TableContext, settings: AuditSettings | Waiver) -> Role | None:
    """Make the audit function's role, unless waived, without permissions, so that the stream's policy can name it."""
    if isinstance(settings, Waiver):
        context.evidence.waive(Guarantee.AUDIT_TRAIL, settings)
        return None
    return Role(context.scope, "AuditRole", path=SERVICE_ROLE_PATH, assumed_by=_lambda_service())


def record_changes(
    context: TableContext,
    settings: AuditSettings | Waiver,
    role: Role | None,
    table: TableV2,
    key: TableKey,
    *,
    watches_trail: bool,
) -> TableAudit | None:
    """Write one JSON line for each change of an item into a log group of the table's own, unless waived.

    A trail that is watched gets a log group later, for which it needs no excuse.
    """
    if isinstance(settings, Waiver) or role is None:
        return None
    scope = context.scope
    stream_arn = table.table_stream_arn or ""
    log_group = LogGroup(
        scope,
        "AuditLogGroup",
        encryption_key=key.key,
        retention=settings.log_retention,
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protecting-log-groups-from-deletion.html
        deletion_protection_enabled=None if context.lifecycle.is_ephemeral else True,
        removal_policy=context.lifecycle.protected_removal_policy,
    )
    bucket = make_failure_bucket(context, key)
    bucket_name = bucket.ref
    bucket_arn = f"arn:{context.environment.partition}:s3:::{bucket_name}"
    policy = ManagedPolicy(
        scope,
        "AuditPolicy",
        path=SERVICE_ROLE_PATH,
        description="Lets the audit function read one stream and write one log group and one bucket",
        document=PolicyDocument.from_json(
            {
                "Version": "2012-10-17",
                "Statement": audit_statements(
                    context,
                    stream_arn=stream_arn,
                    log_group_arn=log_group.log_group_arn,
                    bucket_arn=bucket_arn,
                    key_arn=key.arn,
                ),
            }
        ),
        # From this side: the table's stream policy names the role, so the role must not depend on the table.
        roles=[role],
    )
    acknowledge_wildcards(policy, {f"{bucket_arn}/*": ALL_OBJECTS})
    role_arn = role.role_arn
    bucket_policy = CfnBucketPolicy(
        scope,
        "AuditFailureBucketPolicy",
        bucket=bucket_name,
        policy_document=only_writer_policy(bucket_arn, role_arn, is_locked=not context.lifecycle.is_ephemeral),
    )
    bucket_policy.apply_removal_policy(context.lifecycle.removal_policy)
    if context.lifecycle.is_ephemeral:
        # After the policy, which this has to extend: a bucket has only one.
        bucket.with_(BucketAutoDeleteObjects())
    digest_key_arn = make_digest_key(context, role_arn) if settings.keys is LoggedKeys.DIGEST else ""
    environment = handler_environment(
        settings,
        table_arn=table.table_arn,
        log_group_name=log_group.log_group_name,
        failure_bucket_name=bucket_name,
        digest_key_arn=digest_key_arn,
    )
    function = make_function(context, role_arn, log_group, environment)
    function_arn, function_name = function.function_arn, function.function_name
    CfnManagedPolicy(
        scope,
        "AuditFunctionPolicy",
        path=SERVICE_ROLE_PATH,
        description="Denies other functions what only the audit function does with its role",
        roles=[role.role_name],
        policy_document={"Version": "2012-10-17", "Statement": [deny_other_functions(function_arn)]},
    )
    event_source = CfnEventSourceMapping(
        scope,
        "AuditEventSource",
        function_name=make_alias(context, function, function_name),
        event_source_arn=stream_arn,
        # From the oldest record on, so that nothing is missed between the table's creation and this mapping's.
        starting_position="TRIM_HORIZON",
        batch_size=_BATCH_SIZE,
        bisect_batch_on_function_error=True,
        function_response_types=["ReportBatchItemFailures"],
        maximum_retry_attempts=_RETRIES,
        maximum_record_age_in_seconds=_LONGEST_RECORD_AGE_SECONDS,
        destination_config=CfnEventSourceMapping.DestinationConfigProperty(
            # A bucket receives the records themselves; a queue would receive only their positions in the stream.
            on_failure=CfnEventSourceMapping.OnFailureProperty(destination=bucket_arn)
        ),
        # Without these metrics nobody would hear that a record had gone to the bucket.
        metrics_config=CfnEventSourceMapping.MetricsConfigProperty(metrics=["EventCount"]),
    )
    # Lambda checks what the role may do when the mapping is made, and nothing else waits for the policy.
    event_source.node.add_dependency(policy)
    trail = None
    if isinstance(settings.reads, TableTrail):
        trail = make_trail(
            context,
            settings.reads,
            trail_name(context, settings),
            table_arn=table.table_arn,
            audit_role_name=role.role_name,
            key=key,
        )
        if not watches_trail:
            acknowledge(trail, TRAIL_FINDINGS)
    archive = _archive(context, settings, log_group, key)
    if archive is not None:
        # CloudWatch Logs passes on only what comes after the subscription.
        event_source.add_resource_dependency(archive.subscription)
    return TableAudit(
        deployed_function=function,
        function_arn=function_arn,
        function_name=function_name,
        log_group=log_group,
        event_source_id=event_source.ref,
        failure_bucket_resource=bucket,
        failure_bucket_arn=bucket_arn,
        key=key,
        archive=archive,
        trail=trail,
    )


def _archive(context: TableContext, settings: AuditSettings, log_group: LogGroup, key: TableKey) -> LogArchive | None:
    archive = archive_for(settings.archive, context.classification)
    if archive is None:
        return None
    # CDK's module for Firehose takes half a second to load, for which only those wait who have an archive.
    from secure_ddb.audit.archive import archive_log  # noqa: PLC0415

    return archive_log(context, archive, log_group.log_group_name, key)


def audit_statements(
    context: TableContext, *, stream_arn: str, log_group_arn: str, bucket_arn: str, key_arn: str
) -> list[dict[str, Any]]:
    """Return what the audit function's role is allowed, which AWS Lambda's poller uses as well.

    Requests of code carry the ARN of the function that it runs in, those of the poller do not.
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
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
        *failure_bucket_statements(bucket_arn),
        {
            "Sid": "DecryptStreamAndKeepFailedRecords",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
            "Condition": {
                "StringEquals": {"kms:ViaService": [f"dynamodb.{region}.amazonaws.com", f"s3.{region}.amazonaws.com"]}
            },
        },
        {
            "Sid": "DenyPollersWorkToCode",
            "Effect": "Deny",
            "Action": [*STREAM_POLICY, "s3:PutObject"],
            "Resource": "*",
            "Condition": {"Null": {_SOURCE_FUNCTION: "false"}},
        },
    ]


def deny_other_functions(function_arn: str) -> dict[str, Any]:
    """Return what keeps another function that got this role from digesting keys, writing lines and reading failures.

    It denies, because the digest key's policy alone allows the digests and resource policies cannot use this key. It
    is in a policy of its own, because the function needs the role. AWS shows the ARN without a version or an alias, and
    does not say that it never has one.
    https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    """
    return {
        "Sid": "DenyOtherFunctions",
        "Effect": "Deny",
        "Action": ["kms:GenerateMac", "logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject"],
        "Resource": "*",
        # It holds as well where a request has no such key.
        "Condition": {"ArnNotLike": {_SOURCE_FUNCTION: [function_arn, f"{function_arn}:*"]}},
    }


@cache
def _lambda_service() -> ServicePrincipal:
    return ServicePrincipal("lambda.amazonaws.com")
