"""A Lambda function of the token service, what it is denied, and who invokes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import Effect, PolicyStatement

from examples.vpc_function import VpcFunction

if TYPE_CHECKING:
    from aws_cdk.aws_iam import ManagedPolicy


class TokenFunction(VpcFunction):
    """A function of the token service."""

    def deny(self, sid: str, actions: list[str], table_arn: str, conditions: dict[str, Any] | None = None) -> None:
        """Deny actions of DynamoDB on a table, whatever its grants allow."""
        self.policy.add_statements(
            PolicyStatement(
                sid=sid,
                effect=Effect.DENY,
                actions=[f"dynamodb:{action}" for action in actions],
                resources=[table_arn],
                conditions=conditions,
            )
        )

    def may_be_invoked_by(self, policy: ManagedPolicy) -> None:
        """Let a caller's role invoke the function."""
        policy.add_statements(
            PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.function.function_arn])
        )
