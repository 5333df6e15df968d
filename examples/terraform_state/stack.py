"""The backend's stack: a versioned bucket for states, a table for locks, and what a pipeline needs of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement, Role, WebIdentityPrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, LifecycleRule, ObjectOwnership

from secure_ddb import LeadingKeys, Ownership, SecureTable, Waiver

if TYPE_CHECKING:
    from constructs import Construct

OWNERSHIP = Ownership(owner="platform@example.com", cost_center="CC-1", application="terraform", environment="prod")
# What Terraform calls the partition key of its locks, and what it adds to it for the digest of a state.
# https://developer.hashicorp.com/terraform/language/backend/s3
LOCK_ID = "LockID"
DIGEST = "-md5"

_ACCEPTED: dict[str, Any] = {"approved_by": "SEC-160", "expires": date(2027, 12, 31)}
_DATA_EVENTS = Waiver(reason="Reads of states are data events, which the organization's trail records.", **_ACCEPTED)
_MADE_AGAIN = Waiver(reason="A lost state is imported anew from what is deployed; old versions are kept.", **_ACCEPTED)
_OVERWRITTEN = Waiver(reason="Each run overwrites the state; versions keep what was there before.", **_ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A pipeline that applies one state.

    Attributes:
        state: Key of its state in the bucket.
        subject: Who may take its role: the `sub` of the token that its CI system signs.
    """

    state: str
    subject: str


class TerraformStateStack(Stack):
    """The bucket, the table, and a role for each pipeline, which reaches its own state and lock only."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket_name: str,
        pipelines: dict[str, Pipeline],
        issuer: str,
        **stack_properties: Any,
    ) -> None:
        """Make the backend.

        Args:
            scope: The app.
            id: Of the stack.
            bucket_name: Name of the bucket, which each lock begins with.
            pipelines: Name to pipeline.
            issuer: Host of the identity provider of the CI system, which the account knows already.
            stack_properties: Of the stack.
        """
        super().__init__(scope, id, **stack_properties)
        self._issuer = issuer
        self._bucket_name = bucket_name
        # States hold secrets in clear, so they have a key that only pipelines may use.
        self.key = Key(self, "StateKey", enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN)
        self.bucket = self._bucket()
        # Locks are short-lived, and say who holds them. What they protect is in the bucket.
        self.locks = SecureTable(
            self,
            "Locks",
            partition_key=Attribute(name=LOCK_ID, type=AttributeType.STRING),
            ownership=OWNERSHIP,
        )
        self.roles = {name: self._role(name, pipeline) for name, pipeline in pipelines.items()}
        CfnOutput(self, "Bucket", value=self.bucket.bucket_name)
        CfnOutput(self, "LockTable", value=self.locks.table_name)

    def _bucket(self) -> Bucket:
        bucket = Bucket(
            self,
            "States",
            bucket_name=self._bucket_name,
            versioned=True,
            encryption=BucketEncryption.KMS,
            encryption_key=self.key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            block_public_access=BlockPublicAccess.BLOCK_ALL,
            object_ownership=ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.RETAIN,
            # Long enough to go back to, and not for ever: old versions hold old secrets.
            lifecycle_rules=[LifecycleRule(noncurrent_version_expiration=Duration.days(365))],
        )
        packs = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
        _DATA_EVENTS.acknowledge(
            bucket,
            "AwsSolutions::AwsSolutions-S1",
            *(f"{pack}::{pack}-S3BucketLoggingEnabled" for pack in packs),
        )
        _MADE_AGAIN.acknowledge(bucket, *(f"{pack}::{pack}-S3BucketReplicationEnabled" for pack in packs))
        _OVERWRITTEN.acknowledge(bucket, "NIST.800.53.R4::NIST.800.53.R4-S3BucketDefaultLockEnabled")
        return bucket

    def _role(self, name: str, pipeline: Pipeline) -> Role:
        provider = f"arn:aws:iam::{self.account}:oidc-provider/{self._issuer}"
        claims = {f"{self._issuer}:sub": pipeline.subject, f"{self._issuer}:aud": "sts.amazonaws.com"}
        role = Role(self, f"{name}Role", assumed_by=WebIdentityPrincipal(provider, {"StringEquals": claims}))
        policy = ManagedPolicy(self, f"{name}Policy", roles=[role], description=f"State and lock of {pipeline.state}")
        policy.add_statements(*self._state_statements(pipeline.state))
        # Terraform requests the lock by its key only, and the digest of the state, too.
        lock = f"{self._bucket_name}/{pipeline.state}"
        own = LeadingKeys.values([lock, f"{lock}{DIGEST}"])
        self.locks.grant_read_write_data(policy, leading_keys=own)
        self.locks.grant_describe(policy)
        return role

    def _state_statements(self, state: str) -> list[PolicyStatement]:
        through_s3 = {"StringEquals": {"kms:ViaService": f"s3.{self.region}.amazonaws.com"}}
        return [
            PolicyStatement(
                sid="ReadAndWriteOwnState",
                actions=["s3:GetObject", "s3:PutObject"],
                resources=[self.bucket.arn_for_objects(state)],
            ),
            PolicyStatement(
                sid="FindOwnState",
                actions=["s3:ListBucket"],
                resources=[self.bucket.bucket_arn],
                conditions={"StringEquals": {"s3:prefix": state}},
            ),
            PolicyStatement(
                sid="UseKeyOfStates",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[self.key.key_arn],
                conditions=through_s3,
            ),
        ]
