"""Creates runbooks: their roles, the bucket for saved state, their documents, and the permissions to start them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_s3 import CfnBucketPolicy
from aws_cdk.aws_ssm import CfnDocument

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.audit.locked_bucket import make_locked_bucket, only_writer_policy
from secure_ddb.containment.documents import NAMESPACE
from secure_ddb.containment.permissions import automation_trust, start_statements
from secure_ddb.encryption.encryption import DEFAULT_ENCRYPTION, Encryption
from secure_ddb.part import Part
from secure_ddb.waivers.accepted_findings import (
    AUTOMATIONS,
    CONTAINMENT_BUCKET,
    DOCUMENTS_LISTED,
    METRICS_OF_NAMESPACE,
    bucket_findings,
)
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from secure_ddb.context import TableContext
    from secure_ddb.encryption.table_key import KeyPolicy

# Saved state cannot be altered for this long. It is not deleted afterwards.
_LOCK_DAYS = 365
_LONGEST_NAME = 100


class Runbooks:
    """Properties that several runbooks share.

    Attributes:
        context: Where they are made.
        bucket: Name of the bucket for saved state.
        bucket_arn: Its ARN.
        key_arn: ARN of its key.
        documents: Names of the documents that were made.
    """

    def __init__(self, context: TableContext, roles: Sequence[Role]) -> None:
        """Make the bucket, which only these roles write to."""
        self.context = context
        self.documents: list[str] = []
        key = Encryption(context, DEFAULT_ENCRYPTION).provide_key([_BucketUse()])
        bucket = make_locked_bucket(context, "PolicyBucket", key, _LOCK_DAYS)
        acknowledge(bucket, bucket_findings(CONTAINMENT_BUCKET))
        self.bucket = bucket.ref
        self.bucket_arn = f"arn:{context.environment.partition}:s3:::{self.bucket}"
        self.key_arn = key.arn
        writers = [role.role_arn for role in roles]
        policy = CfnBucketPolicy(
            context.scope,
            "PolicyBucketPolicy",
            bucket=self.bucket,
            policy_document=only_writer_policy(self.bucket_arn, writers, is_locked=True),
        )
        policy.apply_removal_policy(context.lifecycle.removal_policy)

    def let(
        self, role: Role, id: str, description: str, statements: list[dict[str, Any]], wildcards: Mapping[str, str]
    ) -> None:
        """Give a role its permissions, with the reasons for wildcards in them."""
        policy = _policy(self.context, id, description, statements)
        policy.attach_to_role(role)
        acknowledge_wildcards(policy, {**wildcards, "*": METRICS_OF_NAMESPACE})

    def make_document(self, name: str, content: dict[str, Any]) -> str:
        """Make a document; return its name, which is known before it is needed and stays when the content changes."""
        full_name = f"{name}-{self.context.regional_name(_LONGEST_NAME)}"
        CfnDocument(
            self.context.scope,
            name,
            name=full_name,
            document_type="Automation",
            document_format="JSON",
            content=content,
            # Without it, another content would take another name.
            update_method="NewVersion",
        )
        self.documents.append(full_name)
        return full_name

    def make_start_policy(self, roles: Sequence[Role]) -> ManagedPolicy:
        """Make the policy that lets responders start what was made."""
        environment = self.context.environment
        arns = [role.role_arn for role in roles]
        statements = start_statements(environment, documents=self.documents, roles=arns)
        policy = _policy(self.context, "StartPolicy", "Lets responders start the runbooks of tables", statements)
        reasons = {environment.arn("ssm", f"automation-definition/{name}:*"): AUTOMATIONS for name in self.documents}
        executions = environment.arn("ssm", "automation-execution/*")
        acknowledge_wildcards(policy, {**reasons, executions: AUTOMATIONS, "*": DOCUMENTS_LISTED})
        return policy


def make_automation_role(context: TableContext, id: str) -> Role:
    """Make a role that Systems Manager runs runbooks with, without permissions."""
    trust = ServicePrincipal("ssm.amazonaws.com", conditions=automation_trust(context.environment))
    return Role(context.scope, id, path=SERVICE_ROLE_PATH, assumed_by=trust)


def make_alarm(
    scope: Construct, id: str, *, metric: str, dimensions: Mapping[str, str], topic_arn: str, description: str
) -> CfnAlarm:
    """Make an alarm, which the runbooks switch: with data ignored that is missing, it stays as it is in between.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    return CfnAlarm(
        scope,
        id,
        alarm_description=f"{description} docs/containment.md.",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        namespace=NAMESPACE,
        metric_name=metric,
        dimensions=[CfnAlarm.DimensionProperty(name=name, value=value) for name, value in dimensions.items()],
        statistic="Maximum",
        period=60,
        evaluation_periods=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        treat_missing_data="ignore",
    )


class _BucketUse(Part):
    """The statements that the bucket's key needs."""

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let the account's principals use the key through S3."""
        return [policy.use_through("s3", "KeepPoliciesInS3", ["kms:Decrypt", "kms:GenerateDataKey"])]


def _policy(context: TableContext, id: str, description: str, statements: list[dict[str, Any]]) -> ManagedPolicy:
    document = PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements})
    return ManagedPolicy(context.scope, id, path=SERVICE_ROLE_PATH, description=description, document=document)
