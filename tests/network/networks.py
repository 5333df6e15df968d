"""VPCs with endpoints and tables behind them, and what the tests read from the templates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Stack
from aws_cdk.aws_ec2 import SubnetConfiguration, SubnetSelection, SubnetType, Vpc

from secure_ddb import DynamoDbEndpoints, SecureTable
from tests.orders import OWNERSHIP, PK
from tests.template import Template, as_list, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_ec2 import IVpc
    from constructs import Construct

    from secure_ddb.network.interface import TableEndpoints

ENDPOINT = "AWS::EC2::VPCEndpoint"
TABLE = "AWS::DynamoDB::GlobalTable"
GROUPS = ("application", "operations", "web", "batch")


def vpc(scope: Construct, name: str = "Vpc") -> Vpc:
    groups = [SubnetConfiguration(name=group, subnet_type=SubnetType.PRIVATE_ISOLATED) for group in GROUPS]
    zones = ["eu-central-1a", "eu-central-1b"]
    return Vpc(scope, name, availability_zones=zones, subnet_configuration=groups)


def group(name: str) -> list[SubnetSelection]:
    return [SubnetSelection(subnet_group_name=name)]


def endpoints(scope: Construct, network: IVpc, name: str = "Endpoints", **arguments: Any) -> DynamoDbEndpoints:
    planes = {"data_plane_subnets": group("application"), "control_plane_subnets": group("operations")}
    return DynamoDbEndpoints(scope, name, vpc=network, **{**planes, **arguments})


def two_lanes(scope: Construct, network: IVpc, name: str = "Endpoints", **arguments: Any) -> DynamoDbEndpoints:
    lanes = {"web": group("web"), "batch": group("batch")}
    return endpoints(scope, network, name, **{"data_plane_subnets": None, "lanes": lanes, **arguments})


def table(
    scope: Construct, name: str, through: TableEndpoints | Sequence[TableEndpoints], **arguments: Any
) -> SecureTable:
    return SecureTable(scope, name, partition_key=PK, ownership=OWNERSHIP, endpoints=through, **arguments)


def templates(app: App) -> dict[str, Template]:
    """Synthesize, and return every template by its file's name, those of nested stacks included."""
    files = Path(app.synth().directory).glob("*.template.json")
    return {file.name.partition(".")[0]: Template.read(file) for file in files}


def synthesized(stack: Stack) -> Template:
    app = stack.node.root
    assert isinstance(app, App)
    return Template(app.synth().get_stack_by_name(stack.stack_name).template)


def policy(template: Template, endpoint: str) -> dict[str, Any]:
    (statement,) = template.properties(ENDPOINT, endpoint)["PolicyDocument"]["Statement"]
    assert isinstance(statement, dict)
    return statement


def resources(template: Template, endpoint: str) -> list[str]:
    return [text(arn) for arn in as_list(policy(template, endpoint)["Resource"])]


def arn(template: Template, table: str) -> str:
    """Return the ARN that an endpoint's policy should have of a table, by what its logical id starts with."""
    name = template.properties(TABLE, table)["TableName"]
    return f"arn:<AWS::Partition>:dynamodb:eu-central-1:111122223333:table/{name}"


def with_indexes(*arns: str) -> list[str]:
    return [resource for arn in arns for resource in (arn, f"{arn}/index/*")]


def route_tables(template: Template, group: str) -> set[str]:
    """Return the logical ids of the route tables that the subnets of a group have."""
    subnets = {
        name
        for name, subnet in template.of_type("AWS::EC2::Subnet").items()
        if {"Key": "aws-cdk:subnet-name", "Value": group} in subnet["Properties"]["Tags"]
    }
    associations = [a["Properties"] for a in template.of_type("AWS::EC2::SubnetRouteTableAssociation").values()]
    return {text(a["RouteTableId"]) for a in associations if a["SubnetId"]["Ref"] in subnets}
