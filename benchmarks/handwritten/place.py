"""Where a stack is deployed, asked once per table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, Stack

if TYPE_CHECKING:
    from constructs import Construct


@dataclass(frozen=True)
class Place:
    """The values that policies name."""

    stack_name: str
    region: str
    account: str
    alarm_arns: str
    rule_arns: str
    log_group_arns: str

    @classmethod
    def of(cls, scope: Construct) -> Place:
        """Ask the stack around `scope`."""
        stack = Stack.of(scope)
        stack_name = stack.stack_name
        return cls(
            stack_name=stack_name,
            region=stack.region,
            account=stack.account,
            alarm_arns=_arn(stack, "cloudwatch", "alarm", "*", ArnFormat.COLON_RESOURCE_NAME),
            rule_arns=_arn(stack, "events", "rule", "*", ArnFormat.SLASH_RESOURCE_NAME),
            log_group_arns=_arn(stack, "logs", "log-group", f"{stack_name}-*", ArnFormat.COLON_RESOURCE_NAME),
        )


def _arn(stack: Stack, service: str, resource: str, name: str, arn_format: ArnFormat) -> str:
    return stack.format_arn(service=service, resource=resource, resource_name=name, arn_format=arn_format)
