"""The backend's stack: a versioned bucket for states, a table for locks, and what a pipeline needs of both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import (
    AccountRootPrincipal,
    AnyPrincipal,
    Effect,
    ManagedPolicy,
    PolicyDocument,
    PolicyStatement,
    Role,
    WebIdentityPrincipal,
)
from aws_cdk.aws_kms import Key
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, LifecycleRule, ObjectOwnership

from secure_ddb import LeadingKeys, Ownership, SecureTable, Waiver
from secure_ddb.encryption.key_actions import ADMINISTRATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

OWNERSHIP = Ownership(owner="platform@example.com", cost_center="CC-1", application="terraform", environment="prod")
# What Terraform calls the partition key of its locks, and what it adds to it for the digest of a state.
# https://developer.hashicorp.com/terraform/language/backend/s3
LOCK_ID = "LockID"
DIGEST = "-md5"
# Terraform lists workspaces here first. Versions 1.6.0 to 1.7.1, and OpenTofu 1.6.0, fail if they may not.
# https://github.com/hashicorp/terraform/issues/34223
WORKSPACES = "env:/"
# No `*`, `?` and `$`, which policies take for more than one object.
_STATE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!_.'():/-]{0,900}")
_SUBJECT = re.compile(r"[^*?\s]{1,255}")
_ISSUER = re.compile(r"[a-z0-9.-]+\.[a-z0-9-]+(/[\w./-]+)?")
_USE = ["kms:Decrypt", "kms:GenerateDataKey"]

_ACCEPTED: dict[str, Any] = {"approved_by": "SEC-160", "expires": date(2027, 12, 31)}
_DATA_EVENTS = Waiver(reason="Reads of states are data events, which the organization's trail records.", **_ACCEPTED)
_MADE_AGAIN = Waiver(reason="A lost state is imported anew from what is deployed; old versions are kept.", **_ACCEPTED)
_OVERWRITTEN = Waiver(reason="Each run overwrites the state; versions keep what was there before.", **_ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A pipeline that applies one state.

    Attributes:
        state: Key of its state in the bucket.
        subject: Who may take its role: the whole `sub` of the token that its CI system signs.

    Raises:
        ValueError: One of them is not allowed; the message names it.
    """

    state: str
    subject: str

    def __post_init__(self) -> None:
        """Check what policies would take for more than one state, and what no token has."""
        if not _STATE.fullmatch(self.state):
            _refuse("state", self.state, "a key of letters, digits and !_.'():/-, without wildcards")
        if self.state.endswith(DIGEST):
            _refuse("state", self.state, f"a key that does not end with {DIGEST}, as digests of other states do")
        if not _SUBJECT.fullmatch(self.subject):
            _refuse("subject", self.subject, "a whole subject, without wildcards and spaces")


class TerraformStateStack(Stack):
    """The bucket, the table, and a role for each pipeline, which reaches its own state and lock only."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket_name: str,
        pipelines: Mapping[str, Pipeline],
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

        Raises:
            ValueError: The issuer is no host, or there are no pipelines.
        """
        if not _ISSUER.fullmatch(issuer):
            _refuse("issuer", issuer, "a host, with a path if it has one, without https://")
        if not pipelines:
            _refuse("pipelines", dict(pipelines), "at least one")
        super().__init__(scope, id, **stack_properties)
        self._issuer = issuer
        self._bucket_name = bucket_name
        self.key = self._key()
        self.bucket = self._bucket()
        # Locks are short-lived, and say who holds them. What they protect is in the bucket.
        self.locks = SecureTable(
            self,
            "Locks",
            partition_key=Attribute(name=LOCK_ID, type=AttributeType.STRING),
            ownership=OWNERSHIP,
        )
        self.roles = {name: self._role(name, pipeline) for name, pipeline in pipelines.items()}
        self._keep_others_out()
        CfnOutput(self, "Bucket", value=self.bucket.bucket_name)
        CfnOutput(self, "StateKeyArn", value=self.key.key_arn)
        CfnOutput(self, "LockTable", value=self.locks.table_name)

    def _key(self) -> Key:
        """Make the key of states, which hold secrets in clear. Its administrators cannot use it."""
        administration = PolicyStatement(
            sid="AdministerWithoutUse",
            principals=[AccountRootPrincipal()],
            actions=ADMINISTRATION,
            resources=["*"],
        )
        return Key(
            self,
            "StateKey",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
            policy=PolicyDocument(statements=[administration]),
        )

    def _keep_others_out(self) -> None:
        """Let only the pipelines use the key and reach objects, whatever IAM allows other roles."""
        arns = [role.role_arn for role in self.roles.values()]
        self.key.add_to_resource_policy(
            PolicyStatement(
                sid="UseByPipelines",
                principals=[AccountRootPrincipal()],
                actions=_USE,
                resources=["*"],
                conditions={**self._through_s3(), "ArnEquals": {"aws:PrincipalArn": arns}},
            )
        )
        self.bucket.add_to_resource_policy(
            PolicyStatement(
                sid="DenyStatesToOthers",
                effect=Effect.DENY,
                principals=[AnyPrincipal()],
                actions=["s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"],
                resources=[self.bucket.arn_for_objects("*")],
                conditions={"ArnNotEquals": {"aws:PrincipalArn": arns}},
            )
        )

    def _through_s3(self) -> dict[str, Any]:
        return {"StringEquals": {"kms:ViaService": f"s3.{self.region}.amazonaws.com"}}

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
                conditions={"StringEquals": {"s3:prefix": [state, WORKSPACES]}},
            ),
            PolicyStatement(
                sid="UseKeyOfStates",
                actions=_USE,
                resources=[self.key.key_arn],
                conditions=self._through_s3(),
            ),
        ]


def _refuse(name: str, value: object, allowed: str) -> NoReturn:
    raise ValueError(f"{name} is {value!r}; allowed: {allowed}")
