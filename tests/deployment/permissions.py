"""The permissions that CloudFormation's handlers name for our resource types, from the schemas that cfn-lint ships.

https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint

from tests.deployment.deployed import DEPLOYED
from tests.synthesized import synthesized

REGION = "eu-central-1"
# The handlers that a deployment runs. `list` serves the resource explorer and the IaC generator only.
HANDLERS = ("create", "update", "delete", "read")
# Resource types that the tests themselves create around a table.
NOT_OURS = frozenset(
    {
        "AWS::EC2::RouteTable",
        "AWS::EC2::Subnet",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPC",
    }
)
_SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"


@cache
def resource_types() -> dict[str, list[dict[str, Any]]]:
    """Return the resource types of all configurations, each with the properties of its resources."""
    found: dict[str, list[dict[str, Any]]] = {}
    for configuration in DEPLOYED.values():
        for resource in synthesized(configuration).resources.values():
            if resource["Type"] not in NOT_OURS:
                found.setdefault(resource["Type"], []).append(resource.get("Properties", {}))
    return dict(sorted(found.items()))


@cache
def schema(resource_type: str) -> dict[str, Any]:
    """Return the schema of a resource type."""
    loaded: dict[str, Any] = json.loads((_SCHEMAS / "resources" / f"{_files()[resource_type]}.json").read_bytes())
    return loaded


def handler_permissions(resource_type: str) -> dict[str, set[str]]:
    """Return a resource type's permissions by handler; custom resources have none."""
    if resource_type.startswith("Custom::"):
        return {}
    handlers = schema(resource_type)["handlers"]
    return {
        handler: {_lower_service(action) for action in handlers[handler]["permissions"]}
        for handler in HANDLERS
        if handler in handlers
    }


@cache
def needed() -> dict[str, dict[str, set[str]]]:
    """Return each action with the handlers that need it, and for each of them the resource types."""
    found: dict[str, dict[str, set[str]]] = {}
    for resource_type in resource_types():
        for handler, actions in handler_permissions(resource_type).items():
            for action in actions:
                found.setdefault(action, {}).setdefault(handler, set()).add(resource_type)
    return dict(sorted(found.items()))


def _lower_service(action: str) -> str:
    # The schema of AWS::CloudTrail::Trail writes "CloudTrail:CreateTrail".
    service, name = action.split(":")
    return f"{service.lower()}:{name}"


@cache
def _files() -> dict[str, str]:
    files: dict[str, str] = json.loads((_SCHEMAS / "providers" / f"{REGION}.json").read_bytes())
    return files
