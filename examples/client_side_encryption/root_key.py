"""The root key, which encrypts branch keys: who may use it, and with which encryption context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement
from aws_cdk.aws_kms import Key
from constructs import Construct

from examples.client_side_encryption.payroll import KEY_STORE
from secure_ddb.encryption.key_actions import ADMINISTRATION

if TYPE_CHECKING:
    from aws_cdk.aws_iam import ManagedPolicy, Role

_CONTEXT = "kms:EncryptionContext:"
# The key store binds its name to each branch key.
# https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/create-keystore.html
_OF_STORE = {f"{_CONTEXT}tablename": KEY_STORE}
_MAKE = ["kms:GenerateDataKeyWithoutPlaintext"]
_MOVE = ["kms:ReEncryptFrom", "kms:ReEncryptTo"]


class RootKey(Construct):
    """A key that no role may use but with the context of branch keys. Its administrators cannot use it at all.

    Attributes:
        key: The key.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the key; no principal may use it yet."""
        super().__init__(scope, id)
        administration = {
            "Sid": "AdministerWithoutUse",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:root"},
            "Action": ADMINISTRATION,
            "Resource": "*",
        }
        self.key = Key(
            self,
            "Key",
            description="Encrypts the branch keys of the payroll",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN,
            policy=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": [administration]}),
        )

    def grant_use(self, name: str, role: Role, policy: ManagedPolicy) -> None:
        """Let a role encrypt, decrypt and search, with the branch keys of every company."""
        self._grant(f"{name}Decrypt", role, policy, ["kms:Decrypt"], {"StringEquals": _OF_STORE})

    def grant_read(self, name: str, role: Role, policy: ManagedPolicy, company: str) -> None:
        """Let a role decrypt with the branch key of a company, but not search: its digest key is another kind."""
        own = {**_OF_STORE, f"{_CONTEXT}branch-key-id": company}
        kind = {f"{_CONTEXT}type": "branch:*"}
        self._grant(f"{name}Decrypt", role, policy, ["kms:Decrypt"], {"StringEquals": own, "StringLike": kind})

    def grant_administration(self, name: str, role: Role, policy: ManagedPolicy) -> None:
        """Let a role make and rotate branch keys, which it never sees in clear."""
        self._grant(f"{name}Make", role, policy, _MAKE, {"StringEquals": _OF_STORE})
        # Not from here to a key of its own, which it could decrypt with.
        same = {"Bool": {"kms:ReEncryptOnSameKey": "true"}}
        self._grant(f"{name}Move", role, policy, _MOVE, {"StringEquals": _OF_STORE, **same})

    def _grant(
        self, sid: str, role: Role, policy: ManagedPolicy, actions: list[str], conditions: dict[str, Any]
    ) -> None:
        """Allow it twice: in the role's policy, and for this role alone in the key's."""
        statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Condition": conditions}
        policy.add_statements(PolicyStatement.from_json({**statement, "Resource": self.key.key_arn}))
        this_role = {"ArnEquals": {"aws:PrincipalArn": role.role_arn}}
        account = {"AWS": f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:root"}
        self.key.add_to_resource_policy(
            PolicyStatement.from_json(
                {**statement, "Principal": account, "Resource": "*", "Condition": {**conditions, **this_role}}
            )
        )
