"""A Lambda function of the token service, and what it is denied."""

from __future__ import annotations

from typing import Any

from aws_cdk.aws_iam import Effect, PolicyStatement

from examples.vpc_function import VpcFunction


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
