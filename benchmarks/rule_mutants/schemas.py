"""What CloudFormation demands of a resource, from the resource providers' schemas that cfn-lint brings along.

A template without something that is required is never deployed, so it is no weaker one.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError

_REGION = "eu-central-1"
# What the services refuse without, and the schemas do not say.
_ALSO_REQUIRED = {
    # An alarm watches one metric, or what is in Metrics.
    ("AWS::CloudWatch::Alarm", ()): {"MetricName", "Namespace", "Metrics", "Period", "Statistic", "Threshold"},
    ("AWS::DynamoDB::GlobalTable", ()): {"AttributeDefinitions", "KeySchema"},
    ("AWS::Lambda::Function", ()): {"Handler", "Runtime"},
    ("AWS::Lambda::Function", ("Code",)): {"S3Bucket", "S3Key"},
    ("AWS::EC2::VPCEndpoint", ()): {"ServiceName"},
    # Unless an address pool gives one.
    ("AWS::EC2::VPC", ()): {"CidrBlock"},
    ("AWS::EC2::Subnet", ()): {"CidrBlock"},
    # Of TCP, which all entries with a range are about.
    ("AWS::EC2::NetworkAclEntry", ()): {"CidrBlock", "PortRange"},
    ("AWS::EC2::NetworkAclEntry", ("PortRange",)): {"From", "To"},
    # Of a flow log that goes to CloudWatch Logs, as it does by default.
    ("AWS::EC2::FlowLog", ()): {"DeliverLogsPermissionArn", "LogGroupName"},
    # Without it there would be nothing to read from.
    ("AWS::Lambda::EventSourceMapping", ()): {"EventSourceArn", "StartingPosition"},
    ("AWS::S3::Bucket", ("ObjectLockConfiguration", "Rule", "DefaultRetention")): {"Days", "Mode"},
}


@cache
def required(kind: str, path: tuple[str, ...]) -> frozenset[str]:
    """Return the names that an object has to have.

    Args:
        kind: Type of the resource.
        path: Where the object stands in the resource's properties, without positions in lists.
    """
    try:
        schema: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, kind).schema
    except ResourceNotFoundError:
        # A custom resource.
        return frozenset()
    node = schema
    for name in path:
        node = _inside(_followed(node, schema), schema).get("properties", {}).get(name, {})
    node = _inside(_followed(node, schema), schema)
    return frozenset(node.get("required", ())) | _ALSO_REQUIRED.get((kind, path), set())


def _followed(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found = schema
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        node = found
    return node


def _inside(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a list holds, or the object itself."""
    while "items" in node:
        node = _followed(node["items"], schema)
    return node
