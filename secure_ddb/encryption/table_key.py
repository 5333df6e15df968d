"""The table's key as its parts see it, and the statements of its policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.encryption.key_actions import ADMINISTRATION, USE
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk.aws_kms import IKey

    from secure_ddb.context import StackEnvironment


@dataclass(frozen=True, kw_only=True)
class TableKey:
    """The key of a table and its ARN, fetched once.

    Attributes:
        key: The key.
        arn: Its ARN.
        name: Which key it is, as far as that is known at synth; empty for the first that is made for the table.
        other_arns: Keys that encrypted the table before, or will, and that roles may use as well.
    """

    key: IKey
    arn: str
    name: str = ""
    other_arns: tuple[str, ...] = ()

    @property
    def arns(self) -> list[str]:
        """ARNs of all keys that roles may use, the table's own first."""
        return [self.arn, *self.other_arns]


def one_or_all(arns: list[str]) -> str | list[str]:
    """Return ARNs as a statement has them: a single one without a list around it."""
    return arns if len(arns) > 1 else arns[0]


@dataclass(frozen=True, kw_only=True)
class KeyPolicy:
    """The key's policy, to which each part of a table adds statements for the services that it hands the key to.

    Attributes:
        environment: Where the table's stack is deployed.
        names_nested_stack: Whether it may name the table's stack if that is a nested one. The policy of a key outside
            cannot, because the two would then depend on each other.
    """

    environment: StackEnvironment
    names_nested_stack: bool = True

    @property
    def log_groups(self) -> str:
        """ARN pattern of the stack's log groups.

        CloudFormation begins the names it makes with the stack's name, so other stacks' log groups stay out.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        """
        stack_name = self.environment.stack_name
        is_named = self.names_nested_stack or not is_token(stack_name)
        return self.environment.arn("logs", f"log-group:{stack_name}-*" if is_named else "log-group:*")

    def use_through(self, service: str, sid: str, actions: list[str]) -> dict[str, Any]:
        """Let the account's principals use the key, but only through a service."""
        environment = self.environment
        return {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": environment.account_root},
            "Action": actions,
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "kms:CallerAccount": environment.account,
                    "kms:ViaService": f"{service}.{environment.region}.amazonaws.com",
                }
            },
        }

    def grants_through(self, service: str, sid: str) -> dict[str, Any]:
        """Let a service keep a grant on the key, to work in the background."""
        statement = self.use_through(service, sid, ["kms:CreateGrant"])
        statement["Condition"]["Bool"] = {"kms:GrantIsForAWSResource": "true"}
        return statement


def table_statements(environment: StackEnvironment) -> list[dict[str, Any]]:
    """Return the statements that every table's key has: administrators cannot use it, users only via DynamoDB.

    Both delegate to the account's IAM policies, so that a principal also needs a permission of its own.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    """
    policy = KeyPolicy(environment=environment)
    return [
        {
            "Sid": "AdministerWithoutUse",
            "Effect": "Allow",
            "Principal": {"AWS": environment.account_root},
            "Action": ADMINISTRATION,
            "Resource": "*",
        },
        policy.use_through("dynamodb", "UseThroughDynamoDb", USE),
        # Only DynamoDB keeps a grant on the key, to work on the table in the background.
        policy.grants_through("dynamodb", "GrantThroughDynamoDb"),
    ]
