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

from secure_ddb.accepted_findings import ALL_OBJECTS
from secure_ddb.audit.archive_settings import ArchiveSettings
from secure_ddb.audit.digest_key import make_digest_key
from secure_ddb.audit.failure_bucket import make_failure_bucket
from secure_ddb.audit.function import handler_code, handler_environment, make_alias, make_function
from secure_ddb.audit.locked_bucket import as_imported, only_writer_policy
from secure_ddb.audit.measures import archive_measures, audit_measures
from secure_ddb.audit.permissions import (
    archive_key_statements,
    audit_key_statements,
    audit_statements,
    deny_other_functions,
)
from secure_ddb.audit.settings import AuditSettings, LoggedKeys
from secure_ddb.part import Part, resolve
from secure_ddb.service_roles import SERVICE_ROLE_PATH
from secure_ddb.table_evidence import Guarantee
from secure_ddb.wildcard_findings import acknowledge_wildcards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.audit.archive import LogArchive
    from secure_ddb.audit.reads import OrganizationTrail, TableTrail
    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.table_key import KeyPolicy, TableKey
    from secure_ddb.waiver import Waiver

# The stream keeps a record for 24 hours. Twelve leave as many to notice and to repair.
# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
_LONGEST_RECORD_AGE_SECONDS = 12 * 60 * 60
_RETRIES = 5
_BATCH_SIZE = 100


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

    @cached_property
    def function(self) -> IFunction:
        """The audit function, seen as an imported one: CDK adds nothing to what security has seen."""
        return Function.from_function_arn(self.deployed_function, "Function", self.function_arn)

    @cached_property
    def failure_bucket(self) -> IBucket:
        """The bucket of changes that could not be logged, seen as an imported one."""
        return as_imported(self.failure_bucket_resource, self.failure_bucket_arn, self.key)


class AuditTrail(Part):
    """The record of changes: one JSON line for each change of an item, in a log group of the table's own."""

    def __init__(self, context: TableContext, given: AuditSettings | Waiver) -> None:
        """Check the settings."""
        self._context = context
        self._settings = resolve(context, "audit", given, AuditSettings, Guarantee.AUDIT_TRAIL)
        self._archive: ArchiveSettings | None = None
        if self._settings is not None:
            self._archive = resolve(
                context,
                "audit.archive",
                self._settings.archive,
                ArchiveSettings,
                Guarantee.ARCHIVE,
                is_demanded=context.classification.floor.must_be_archived,
            )
        self.role: Role | None = None
        self.made: TableAudit | None = None

    @property
    def reads(self) -> TableTrail | OrganizationTrail | None:
        """The trail that records who reads."""
        return self._settings.reads if self._settings else None

    def make_role(self) -> Role | None:
        """Make the audit function's role, unless waived: before the table, whose stream's policy names it."""
        if self._settings is not None:
            self.role = Role(self._context.scope, "AuditRole", path=SERVICE_ROLE_PATH, assumed_by=_lambda_service())
        return self.role

    def load_code(self) -> None:
        """Make the asset of the function's code, which the stack's tables share.

        Raises:
            InvalidArgumentError: The stack's synthesizer takes no assets.
        """
        if self._settings is not None:
            handler_code(self._context.outer_scope, self._context.environment)

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let log group, failure bucket and archive be encrypted."""
        if self._settings is None:
            return []
        return [*audit_key_statements(policy), *(archive_key_statements(policy) if self._archive else [])]

    def make(self, table: MadeTable) -> None:
        """Make function, log group, bucket and archive."""
        if self._settings is not None and self.role is not None:
            self.made = _record_changes(self._context, self._settings, self._archive, self.role, table)

    def measures(self, table: MadeTable, alarms: AlarmSettings) -> Iterator[Measure]:
        """Watch the function, and what is archived."""
        audit = self.made
        if audit is None:
            return
        yield from audit_measures(
            table.name, audit.function_name, audit.event_source_id, alarms.iterator_age_milliseconds
        )
        if audit.archive is not None:
            yield from archive_measures(audit.archive.delivery_stream_name, audit.archive.log_group_name)


def _record_changes(
    context: TableContext,
    settings: AuditSettings,
    archive_settings: ArchiveSettings | None,
    role: Role,
    table: MadeTable,
) -> TableAudit:
    key, role_arn = table.key, role.role_arn
    log_group = LogGroup(
        context.scope,
        "AuditLogGroup",
        encryption_key=key.key,
        retention=settings.log_retention,
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protecting-log-groups-from-deletion.html
        deletion_protection_enabled=None if context.lifecycle.is_ephemeral else True,
        removal_policy=context.lifecycle.protected_removal_policy,
    )
    bucket, bucket_name, bucket_arn = _make_failure_bucket(context, key, role_arn)
    policy = _let_record(context, role, table, log_group.log_group_arn, bucket_arn)
    environment = handler_environment(
        settings,
        table_arn=table.arn,
        log_group_name=log_group.log_group_name,
        failure_bucket_name=bucket_name,
        digest_key_arn=make_digest_key(context, role_arn) if settings.keys is LoggedKeys.DIGEST else "",
    )
    function = make_function(context, role_arn, log_group, environment)
    function_arn, function_name = function.function_arn, function.function_name
    CfnManagedPolicy(
        context.scope,
        "AuditFunctionPolicy",
        path=SERVICE_ROLE_PATH,
        description="Denies other functions what only the audit function does with its role",
        roles=[role.role_name],
        policy_document={"Version": "2012-10-17", "Statement": [deny_other_functions(function_arn)]},
    )
    event_source = _map_events(context, make_alias(context, function, function_name), table.stream_arn, bucket_arn)
    # Lambda checks what the role may do when the mapping is made, and nothing else waits for the policy.
    event_source.node.add_dependency(policy)
    archive = _archive(context, archive_settings, log_group, key)
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
    )


def _make_failure_bucket(context: TableContext, key: TableKey, role_arn: str) -> tuple[CfnBucket, str, str]:
    """Make the bucket with its policy; return it, its name and its ARN."""
    bucket = make_failure_bucket(context, key)
    bucket_name = bucket.ref
    bucket_arn = f"arn:{context.environment.partition}:s3:::{bucket_name}"
    bucket_policy = CfnBucketPolicy(
        context.scope,
        "AuditFailureBucketPolicy",
        bucket=bucket_name,
        policy_document=only_writer_policy(bucket_arn, role_arn, is_locked=not context.lifecycle.is_ephemeral),
    )
    bucket_policy.apply_removal_policy(context.lifecycle.removal_policy)
    if context.lifecycle.is_ephemeral:
        # After the policy, which this has to extend: a bucket has only one.
        bucket.with_(BucketAutoDeleteObjects())
    return bucket, bucket_name, bucket_arn


def _let_record(
    context: TableContext, role: Role, table: MadeTable, log_group_arn: str, bucket_arn: str
) -> ManagedPolicy:
    statements = audit_statements(
        context,
        stream_arn=table.stream_arn,
        log_group_arn=log_group_arn,
        bucket_arn=bucket_arn,
        key_arn=table.key.arn,
    )
    policy = ManagedPolicy(
        context.scope,
        "AuditPolicy",
        path=SERVICE_ROLE_PATH,
        description="Lets the audit function read one stream and write one log group and one bucket",
        document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
        # From this side: the table's stream policy names the role, so the role must not depend on the table.
        roles=[role],
    )
    acknowledge_wildcards(policy, {f"{bucket_arn}/*": ALL_OBJECTS})
    return policy


def _map_events(context: TableContext, alias_arn: str, stream_arn: str, bucket_arn: str) -> CfnEventSourceMapping:
    return CfnEventSourceMapping(
        context.scope,
        "AuditEventSource",
        function_name=alias_arn,
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


def _archive(
    context: TableContext, settings: ArchiveSettings | None, log_group: LogGroup, key: TableKey
) -> LogArchive | None:
    if settings is None:
        return None
    # CDK's module for Firehose takes half a second to load, for which only those wait who have an archive.
    from secure_ddb.audit.archive import archive_log  # noqa: PLC0415

    return archive_log(context, settings, log_group.log_group_name, key)


@cache
def _lambda_service() -> ServicePrincipal:
    return ServicePrincipal("lambda.amazonaws.com")
