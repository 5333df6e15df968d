"""Answers to cdk-nag's AwsSolutions-IAM5 where a service needs a wildcard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.accepted_findings import WILDCARD_RULE
from secure_ddb.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_iam import CfnManagedPolicy, ManagedPolicy


def acknowledge_wildcards(policy: ManagedPolicy | CfnManagedPolicy, reasons: Mapping[str, str]) -> None:
    """Acknowledge the finding on each resource that the policy names with a wildcard: ARN to reason.

    cdk-nag writes the resource into the finding's id, so a wildcard that is added later is a new finding.
    """
    resources = policy.stack.resolve(list(reasons))
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
