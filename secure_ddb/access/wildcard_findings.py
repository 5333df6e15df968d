"""Answers to cdk-nag's AwsSolutions-IAM5 where a service needs a wildcard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Stack

from secure_ddb.waivers.accepted_findings import WILDCARD_RULE
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct


def acknowledge_wildcards(policy: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge the finding on each resource that a policy, or one of a role, names with a wildcard: ARN to reason.

    cdk-nag writes the resource into the finding's id, so a wildcard that is added later is a new finding.
    """
    resources = Stack.of(policy).resolve(list(reasons))
    acknowledge(
        policy,
        {
            f"{WILDCARD_RULE}[Resource::{_flatten(resource)}]": reason
            for resource, reason in zip(resources, reasons.values(), strict=True)
        },
    )


def _flatten(value: Any) -> str:  # noqa: ANN401 - a value of a template
    """Write a value of the template as cdk-nag does: `<LogicalId.Arn>/*`."""
    match value:
        case {"Fn::Join": [str(delimiter), list(parts)]}:
            return delimiter.join(map(_flatten, parts))
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"<{name}.{attribute}>"
        case {"Ref": str(name)}:
            return f"<{name}>"
        case _:
            return str(value)
