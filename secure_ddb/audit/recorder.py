"""The audit function, with its log group and failure bucket: for one table, or for all that share it (AUD-1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from aws_cdk.aws_iam import CfnManagedPolicy, ManagedPolicy, PolicyDocument
from aws_cdk.aws_lambda import Function, IFunction
from aws_cdk.aws_logs import CfnSubscriptionFilter, LogGroup
from aws_cdk.aws_s3 import CfnBucket, CfnBucketPolicy, IBucket
from aws_cdk.aws_s3.mixins import BucketAutoDeleteObjects

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.audit.destination_settings import ArchiveDestination
from secure_ddb.audit.digest_key import make_digest_key, replicate_digest_key
from secure_ddb.audit.failure_bucket import make_failure_bucket
from secure_ddb.audit.function import handler_environment, make_alias, make_function
from secure_ddb.audit.locked_bucket import as_imported, only_writer_policy
from secure_ddb.audit.permissions import audit_statements, deny_other_functions
from secure_ddb.audit.settings import LoggedKeys
from secure_ddb.audit.stream_policies import StreamPolicies
from secure_ddb.audit.table_settings import TableSettings
from secure_ddb.encryption.table_key import one_or_all
from secure_ddb.waivers.accepted_findings import ALL_OBJECTS

if TYPE_CHECKING:
    from aws_cdk.aws_iam import Role
    from aws_cdk.aws_lambda import CfnEventSourceMapping

    from secure_ddb.audit.archive import LogArchive
    from secure_ddb.audit.archive_settings import ArchiveSettings
    from secure_ddb.audit.settings import AuditSettings
    from secure_ddb.audit.streams import Streams
    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.encryption.table_key import TableKey
    from secure_ddb.table_evidence import TableEvidence


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """An audit function as a table sees it whose changes it records.

    Attributes:
        alias_arn: ARN of the alias through which it takes stream records.
        role_arn: ARN of its role, which reads the streams.
        role_name: Name of its role.
        failure_bucket_arn: ARN of the bucket of changes that could not be logged.
        evidence: Evidence of a table that shares it.
        settings: Its settings; None, if it is of another app.
    """

    alias_arn: str
    role_arn: str
    role_name: str
    failure_bucket_arn: str
    evidence: TableEvidence
    settings: AuditSettings | None = None

    def serve(self, event_source: CfnEventSourceMapping, table: MadeTable, own: AuditSettings | None = None) -> None:
        """Let a mapping's role read the table's stream, and make the mapping depend on the permissions.

        Args:
            event_source: The mapping.
            table: The table.
            own: Settings of the table's own for a function that tables share.
        """


@dataclass(frozen=True, kw_only=True)
class MadeRecorder(Recorder):
    """An audit function of this app, with its log group, its failure bucket and the archive of its log.

    Attributes:
        digest_key_arn: ARN of the key of digests and MACs; empty, if item keys are logged in clear.
        archive: The archive of the log, where it is in this account.
        subscription: The subscription to an archive, here or in another account.
    """

    policy: ManagedPolicy
    deployed_function: Function
    function_arn: str
    function_name: str
    log_group: LogGroup
    digest_key_arn: str
    failure_bucket_resource: CfnBucket
    key: TableKey
    archive: LogArchive | None
    subscription: CfnSubscriptionFilter | None
    environment: StackEnvironment
    stream_policies: StreamPolicies | None
    table_settings: TableSettings

    def read(self, table_name: str, table_arn: str, own: AuditSettings | None) -> CfnManagedPolicy | None:
        """Let a shared function read a table's stream, by settings of the table's own; return the policy for that."""
        if self.stream_policies is None:
            return None
        if own is not None:
            self.table_settings.add(table_name, own)
        return self.stream_policies.add(table_arn)

    def serve(self, event_source: CfnEventSourceMapping, table: MadeTable, own: AuditSettings | None = None) -> None:
        """Let the role read the table's stream, and the mapping wait for the role's permissions and for the archive."""
        # Lambda checks the role's permissions when the mapping is created, and nothing else waits for the policies.
        policy = self.read(table.literal_arn.rpartition(":table/")[2], table.literal_arn, own)
        if policy is None:
            event_source.node.add_dependency(self.policy)
        else:
            if table.stack_environment is not self.environment:
                # A stack waits for the whole stack of the alias that its mapping names.
                return
            event_source.add_resource_dependency(policy)
        if self.subscription is not None:
            # CloudWatch Logs forwards only lines logged after the subscription.
            event_source.add_resource_dependency(self.subscription)

    @cached_property
    def function(self) -> IFunction:
        """The audit function as an imported one, so that CDK adds nothing to its reviewed policies."""
        return Function.from_function_arn(self.deployed_function, "Function", self.function_arn)

    @cached_property
    def failure_bucket(self) -> IBucket:
        """The bucket of changes that could not be logged, seen as an imported one."""
        return as_imported(self.failure_bucket_resource, self.failure_bucket_arn, self.key)


def make_recorder(
    context: TableContext,
    settings: AuditSettings,
    archive: ArchiveSettings | ArchiveDestination | None,
    *,
    role: Role,
    key: TableKey,
    streams: Streams,
    primary_digest_key: str = "",
) -> MadeRecorder:
    """Make the function with its permissions, log group, failure bucket and archive.

    Its digest key is of its own, or the replica of a table's multi-Region key.
    """
    role_arn, role_name = role.role_arn, role.role_name
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
    policy = _let_record(
        context,
        role,
        stream_arn=streams.arn,
        log_group_arn=log_group.log_group_arn,
        bucket_arn=bucket_arn,
        key_arn=one_or_all([*filter(None, [streams.key_arn]), *key.arns]),
    )
    digest_key_arn = ""
    if settings.keys is LoggedKeys.DIGEST and primary_digest_key:
        digest_key_arn = replicate_digest_key(context, role_arn, primary_digest_key)
    elif settings.keys is LoggedKeys.DIGEST:
        digest_key_arn = make_digest_key(context, role_arn, settings.digest_regions)
    log_group_name = log_group.log_group_name
    environment = handler_environment(
        settings,
        streams,
        log_group_name=log_group_name,
        failure_bucket_name=bucket_name,
        digest_key_arn=digest_key_arn,
    )
    function = make_function(context, role_arn, log_group, environment)
    function_arn, function_name = function.function_arn, function.function_name
    CfnManagedPolicy(
        context.scope,
        "AuditFunctionPolicy",
        path=SERVICE_ROLE_PATH,
        description="Denies other functions what only the audit function does with its role",
        roles=[role_name],
        policy_document={"Version": "2012-10-17", "Statement": [deny_other_functions(function_arn)]},
    )
    made, subscription = _archive(context, archive, log_group_name, key)
    return MadeRecorder(
        alias_arn=make_alias(context, function, function_name),
        role_arn=role_arn,
        role_name=role_name,
        failure_bucket_arn=bucket_arn,
        evidence=context.evidence,
        settings=settings,
        policy=policy,
        deployed_function=function,
        function_arn=function_arn,
        function_name=function_name,
        log_group=log_group,
        digest_key_arn=digest_key_arn,
        failure_bucket_resource=bucket,
        key=key,
        archive=made,
        subscription=subscription,
        environment=context.environment,
        stream_policies=None if streams.arn else StreamPolicies(context, role_name, after=policy),
        table_settings=TableSettings(function, context.scope, settings),
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
    context: TableContext, role: Role, *, stream_arn: str, log_group_arn: str, bucket_arn: str, key_arn: str | list[str]
) -> ManagedPolicy:
    statements = audit_statements(
        context, stream_arn=stream_arn, log_group_arn=log_group_arn, bucket_arn=bucket_arn, key_arn=key_arn
    )
    reads = "read one stream and " if stream_arn else ""
    policy = ManagedPolicy(
        context.scope,
        "AuditPolicy",
        path=SERVICE_ROLE_PATH,
        description=f"Lets the audit function {reads}write one log group and one bucket",
        document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
        # From this side: the table's stream policy names the role, so the role must not depend on the table.
        roles=[role],
    )
    acknowledge_wildcards(policy, {f"{bucket_arn}/*": ALL_OBJECTS})
    return policy


def _archive(
    context: TableContext, settings: ArchiveSettings | ArchiveDestination | None, log_group_name: str, key: TableKey
) -> tuple[LogArchive | None, CfnSubscriptionFilter | None]:
    """Archive the log here or elsewhere; return the archive, if it is here, and the subscription."""
    if settings is None:
        return None, None
    if isinstance(settings, ArchiveDestination):
        return None, CfnSubscriptionFilter(
            context.scope,
            "AuditArchiveSubscription",
            log_group_name=log_group_name,
            # Everything. Without a role: the destination names this account, and not its organization.
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CreateSubscriptionFilterFirehose.html
            filter_pattern="",
            destination_arn=settings.arn,
        )
    # CDK's module for Firehose takes half a second to load, so it is loaded only for archives.
    from secure_ddb.audit.archive import archive_log  # noqa: PLC0415

    archive = archive_log(context, settings, log_group_name, key)
    return archive, archive.subscription
