"""`Containment`: the runbooks `quarantine` and `release` for some tables (IR-1)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack
from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_s3 import CfnBucketPolicy
from aws_cdk.aws_ssm import CfnDocument
from constructs import Construct

from secure_ddb.accepted_findings import (
    AUTOMATIONS,
    CONTAINMENT_BUCKET,
    METRICS_OF_NAMESPACE,
    STREAM_NAMES,
    bucket_findings,
)
from secure_ddb.audit.locked_bucket import make_locked_bucket, only_writer_policy
from secure_ddb.classification import DataClassification
from secure_ddb.containment.documents import (
    DIMENSION,
    METRIC,
    NAMESPACE,
    quarantine_document,
    release_document,
)
from secure_ddb.containment.permissions import automation_statements, automation_trust, start_statements, streams_of
from secure_ddb.containment.policies import Exempt, quarantine_of_stream, quarantine_of_table
from secure_ddb.context import table_context
from secure_ddb.encryption import DEFAULT_ENCRYPTION, Encryption
from secure_ddb.errors import NotCreatedError, reject, require_interface
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.part import Part
from secure_ddb.service_roles import SERVICE_ROLE_PATH
from secure_ddb.table import SecureTable
from secure_ddb.tag_conflicts import tag_table
from secure_ddb.waiver import acknowledge
from secure_ddb.wildcard_findings import acknowledge_wildcards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_iam import IRole

    from secure_ddb.context import TableContext
    from secure_ddb.ownership import Ownership
    from secure_ddb.table_key import KeyPolicy

# What is saved cannot be altered for so long. It is not deleted afterwards.
_LOCK_DAYS = 365
_LONGEST_NAME = 100


class Containment(Construct):
    """Runbooks that deny a table to everyone but responders, and later give it back as it was. docs/containment.md.

    Attributes:
        quarantine_document: Name of the document that takes a table out of use.
        release_document: Name of the document that gives it back.
        start_policy: Lets roles start both. Attached to none, because responders' roles often are not of this app.
        alarms: An alarm for each table, which is on while it is in quarantine.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        tables: Sequence[SecureTable],
        responders: Sequence[IRole],
        ownership: Ownership,
        stream_readers: Sequence[IRole] = (),
    ) -> None:
        """Make the runbooks, the role that they run as, the bucket for what they save, and the alarms.

        Args:
            scope: Where to make them: in the account and Region of the tables.
            id: Construct id.
            tables: The tables that they can be started for.
            responders: Roles that keep all that they may do with a table in quarantine.
            ownership: Who answers and pays for them.
            stream_readers: Roles that go on reading the streams, beside those of the tables' audit functions.

        Raises:
            InvalidArgumentError: An argument cannot be accepted; the message names it and what is allowed.
        """
        # What is kept here is policies, and no items of the tables.
        context = table_context(self, scope, ownership, DataClassification.INTERNAL, Lifecycle.retained())
        _check(tables, responders, stream_readers)
        super().__init__(scope, id)
        names, environment = [table.table_name for table in tables], context.environment
        trust = ServicePrincipal("ssm.amazonaws.com", conditions=automation_trust(environment))
        role = Role(self, "AutomationRole", path=SERVICE_ROLE_PATH, assumed_by=trust)
        role_arn = role.role_arn
        bucket, bucket_arn, key_arn = _make_bucket(context, role_arn)
        _let_contain(context, role, tables, bucket_arn=bucket_arn, key_arn=key_arn)
        exempt = Exempt(
            responders=[responder.role_arn for responder in responders],
            automation=role_arn,
            stream_readers=[*_audit_roles(tables), *(reader.role_arn for reader in stream_readers)],
        )
        stack = Stack.of(self)
        quarantine = quarantine_document(
            names,
            role_arn,
            bucket,
            table_policy=stack.to_json_string(quarantine_of_table(exempt, environment)),
            stream_policy=stack.to_json_string(quarantine_of_stream(exempt)),
        )
        self.quarantine_document = _make_document(context, "Quarantine", quarantine)
        self.release_document = _make_document(context, "Release", release_document(names, role_arn, bucket))
        self.start_policy = _make_start_policy(context, [self.quarantine_document, self.release_document], role_arn)
        self.alarms = tuple(_make_alarm(self, number, table) for number, table in enumerate(tables, start=1))
        tag_table(context)


class _BucketUse(Part):
    """What the bucket's key has to allow."""

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let the account's principals use the key through S3."""
        return [policy.use_through("s3", "KeepPoliciesInS3", ["kms:Decrypt", "kms:GenerateDataKey"])]


def _check(tables: Sequence[SecureTable], responders: Sequence[IRole], stream_readers: Sequence[IRole]) -> None:
    if isinstance(tables, SecureTable) or not tables or not all(isinstance(table, SecureTable) for table in tables):
        reject("tables", tables, "one or more SecureTables")
    if not responders:
        reject("responders", responders, "one or more roles: without any, a quarantine would deny everyone")
    for argument, roles in (("responders", responders), ("stream_readers", stream_readers)):
        for position, role in enumerate(roles):
            require_interface(f"{argument}[{position}]", role, "role_arn", "an aws_iam.IRole")
    for position, table in enumerate(tables):
        try:
            table.alarm_topic  # noqa: B018 - raises where there is none
        except NotCreatedError:
            reject(f"tables[{position}]", table, "a table with alarms: its topic tells of the quarantine")


def _audit_roles(tables: Sequence[SecureTable]) -> list[str]:
    roles: dict[str, None] = {}
    for table in tables:
        # A waiver may have left out the audit.
        with suppress(NotCreatedError):
            roles[table.audit_role_arn] = None
    return list(roles)


def _make_bucket(context: TableContext, role_arn: str) -> tuple[str, str, str]:
    """Make the bucket, which only the runbooks' role writes to; return its name, its ARN and that of its key."""
    key = Encryption(context, DEFAULT_ENCRYPTION).provide_key([_BucketUse()])
    bucket = make_locked_bucket(context, "PolicyBucket", key, _LOCK_DAYS)
    acknowledge(bucket, bucket_findings(CONTAINMENT_BUCKET))
    name = bucket.ref
    arn = f"arn:{context.environment.partition}:s3:::{name}"
    policy = CfnBucketPolicy(
        context.scope,
        "PolicyBucketPolicy",
        bucket=name,
        policy_document=only_writer_policy(arn, role_arn, is_locked=True),
    )
    policy.apply_removal_policy(context.lifecycle.removal_policy)
    return name, arn, key.arn


def _let_contain(
    context: TableContext, role: Role, tables: Sequence[SecureTable], *, bucket_arn: str, key_arn: str
) -> None:
    arns = [table.table_arn for table in tables]
    statements = automation_statements(
        context.environment,
        names=[table.table_name for table in tables],
        tables=arns,
        table_keys=[table.encryption_key.key_arn for table in tables],
        bucket_arn=bucket_arn,
        key_arn=key_arn,
    )
    policy = _policy(context, "AutomationPolicy", "Lets runbooks change the policies of tables", statements)
    policy.attach_to_role(role)
    acknowledge_wildcards(policy, {**{streams_of(arn): STREAM_NAMES for arn in arns}, "*": METRICS_OF_NAMESPACE})


def _make_document(context: TableContext, name: str, content: dict[str, Any]) -> str:
    """Make a document; return its name, which is known before it is needed and stays when the content changes."""
    full_name = f"{name}-{context.regional_name(_LONGEST_NAME)}"
    CfnDocument(
        context.scope,
        name,
        name=full_name,
        document_type="Automation",
        document_format="JSON",
        content=content,
        # Without it, another content would take another name.
        update_method="NewVersion",
    )
    return full_name


def _make_start_policy(context: TableContext, documents: Sequence[str], role_arn: str) -> ManagedPolicy:
    environment = context.environment
    statements = start_statements(environment, documents=documents, role_arn=role_arn)
    policy = _policy(context, "StartPolicy", "Lets responders start the runbooks of tables", statements)
    reasons = {environment.arn("ssm", f"automation-definition/{name}:*"): AUTOMATIONS for name in documents}
    acknowledge_wildcards(policy, {**reasons, environment.arn("ssm", "automation-execution/*"): AUTOMATIONS})
    return policy


def _policy(context: TableContext, id: str, description: str, statements: list[dict[str, Any]]) -> ManagedPolicy:
    document = PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements})
    return ManagedPolicy(context.scope, id, path=SERVICE_ROLE_PATH, description=description, document=document)


def _make_alarm(scope: Construct, number: int, table: SecureTable) -> CfnAlarm:
    """Make the alarm, which the runbooks switch: with data ignored that is missing, it stays as it is in between.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    topic = table.alarm_topic.topic_arn
    return CfnAlarm(
        scope,
        f"Quarantined{number}",
        alarm_description="The table is in quarantine: only responders reach its items. docs/containment.md.",
        alarm_actions=[topic],
        ok_actions=[topic],
        namespace=NAMESPACE,
        metric_name=METRIC,
        dimensions=[CfnAlarm.DimensionProperty(name=DIMENSION, value=table.table_name)],
        statistic="Maximum",
        period=60,
        evaluation_periods=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        treat_missing_data="ignore",
    )
