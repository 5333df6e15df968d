"""Items pass from the application subnets only, table management from the operations subnets only (NET-1, NET-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_ec2 import SecurityGroup, Subnet, SubnetConfiguration, SubnetSelection, SubnetType, Vpc

from secure_ddb import DynamoDbEndpoints, InvalidArgumentError, SecureTable
from secure_ddb.actions import CONTROL_PLANE, DATA_PLANE
from secure_ddb.context import StackEnvironment
from secure_ddb.network import endpoint_policy
from tests.configurations import OWNERSHIP, PK
from tests.template import Template, as_list, text

if TYPE_CHECKING:
    from collections.abc import Callable

# Every action that reads or writes items, or hands out all of them, by AWS's service authorization reference.
ITEM_LEVEL = {
    f"dynamodb:{name}"
    for name in (
        "BatchGetItem",
        "BatchWriteItem",
        "ConditionCheckItem",
        "DeleteItem",
        "GetItem",
        "PartiQLDelete",
        "PartiQLInsert",
        "PartiQLSelect",
        "PartiQLUpdate",
        "PutItem",
        "Query",
        "Scan",
        "UpdateItem",
    )
}
HANDING_OUT_ITEMS = {
    "dynamodb:CreateTableReplica",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:GetRecords",
    "dynamodb:ReadDataForReplication",
    "dynamodb:RestoreTableFromAwsBackup",
    "dynamodb:RestoreTableFromBackup",
    "dynamodb:RestoreTableToPointInTime",
    "dynamodb:StartAwsBackupJob",
    "dynamodb:WriteDataForReplication",
}
ENVIRONMENT = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Test")
TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
EVERY_PLANE = pytest.mark.parametrize("plane", ["DataPlane", "ControlPlane"])


def vpc(stack: Stack, name: str = "Vpc") -> Vpc:
    groups = [
        SubnetConfiguration(name=group, subnet_type=SubnetType.PRIVATE_ISOLATED)
        for group in ("application", "operations")
    ]
    zones = ["eu-central-1a", "eu-central-1b"]
    return Vpc(stack, name, availability_zones=zones, subnet_configuration=groups)


def endpoints(stack: Stack, network: Vpc, name: str = "Endpoints", **arguments: Any) -> DynamoDbEndpoints:
    planes = {
        "data_plane_subnets": [SubnetSelection(subnet_group_name="application")],
        "control_plane_subnets": [SubnetSelection(subnet_group_name="operations")],
    }
    return DynamoDbEndpoints(stack, name, vpc=network, **{**planes, **arguments})


def table(stack: Stack, name: str, shared: DynamoDbEndpoints) -> SecureTable:
    return SecureTable(stack, name, partition_key=PK, ownership=OWNERSHIP, endpoints=shared)


def synthesized(stack: Stack) -> Template:
    app = stack.node.root
    assert isinstance(app, App)
    return Template(app.synth().get_stack_by_name(stack.stack_name).template)


def policy(template: Template, endpoint: str) -> dict[str, Any]:
    (statement,) = template.properties("AWS::EC2::VPCEndpoint", endpoint)["PolicyDocument"]["Statement"]
    assert isinstance(statement, dict)
    return statement


def resources(template: Template, endpoint: str) -> list[str]:
    return [text(arn) for arn in as_list(policy(template, endpoint)["Resource"])]


def route_tables(template: Template, group: str) -> set[str]:
    """Return the logical ids of the route tables that the subnets of a group have."""
    subnets = {
        name
        for name, subnet in template.of_type("AWS::EC2::Subnet").items()
        if {"Key": "aws-cdk:subnet-name", "Value": group} in subnet["Properties"]["Tags"]
    }
    associations = [a["Properties"] for a in template.of_type("AWS::EC2::SubnetRouteTableAssociation").values()]
    return {text(a["RouteTableId"]) for a in associations if a["SubnetId"]["Ref"] in subnets}


@pytest.fixture(scope="module")
def everything(template: Callable[[str], Template]) -> Template:
    return template("everything")


def test_data_plane_endpoint_lets_item_level_actions_pass_and_no_table_management(everything: Template) -> None:
    assert set(policy(everything, "EndpointsDataPlane")["Action"]) == ITEM_LEVEL


def test_control_plane_endpoint_lets_no_item_pass(everything: Template) -> None:
    actions = set(policy(everything, "EndpointsControlPlane")["Action"])
    assert actions
    assert not actions & (ITEM_LEVEL | HANDING_OUT_ITEMS)
    assert not [action for action in actions if "*" in action or not action.startswith("dynamodb:")]


def test_control_plane_endpoint_lets_table_management_pass(everything: Template) -> None:
    assert set(policy(everything, "EndpointsControlPlane")["Action"]) == set(CONTROL_PLANE)


def test_registered_table_and_its_indexes_pass_and_nothing_else(everything: Template) -> None:
    orders = "arn:<AWS::Partition>:dynamodb:eu-central-1:111122223333:table/orders-prod"
    assert resources(everything, "EndpointsDataPlane") == [orders, f"{orders}/index/*"]
    assert resources(everything, "EndpointsControlPlane") == [orders]


def test_named_table_and_what_uses_the_vpc_share_a_stack_without_a_cycle(stacks: Callable[[str], Stack]) -> None:
    network, orders = stacks("Network"), stacks("Orders")
    shared = vpc(network)
    SecureTable(
        orders,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        table_name="orders-prod",
        endpoints=endpoints(network, shared),
    )
    SecurityGroup(orders, "Service", vpc=shared)
    assert synthesized(orders).of_type("AWS::EC2::SecurityGroup")


@EVERY_PLANE
def test_only_principals_of_this_account_pass(everything: Template, plane: str) -> None:
    statement = policy(everything, f"Endpoints{plane}")
    assert statement["Effect"] == "Allow"
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}


def test_endpoint_policy_allows_these_actions_on_these_resources_only() -> None:
    assert endpoint_policy("Sid", ["dynamodb:GetItem"], [TABLE], ENVIRONMENT) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Sid",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["dynamodb:GetItem"],
                "Resource": [TABLE],
                "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}},
            }
        ],
    }


def test_endpoint_policy_without_tables_denies_everything() -> None:
    (statement,) = endpoint_policy("Sid", DATA_PLANE, [], ENVIRONMENT)["Statement"]
    del statement["Sid"]
    assert statement == {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}


@EVERY_PLANE
def test_endpoints_are_gateways_to_dynamodb_of_the_region(everything: Template, plane: str) -> None:
    (network,) = everything.of_type("AWS::EC2::VPC")
    endpoint = everything.properties("AWS::EC2::VPCEndpoint", f"Endpoints{plane}")
    assert endpoint["VpcEndpointType"] == "Gateway"
    assert endpoint["ServiceName"] == "com.amazonaws.eu-central-1.dynamodb"
    assert text(endpoint["VpcId"]) == f"<{network}>"


@pytest.mark.parametrize(("plane", "group"), [("DataPlane", "application"), ("ControlPlane", "operations")])
def test_endpoint_is_on_the_route_tables_of_the_chosen_subnets(everything: Template, plane: str, group: str) -> None:
    endpoint = everything.properties("AWS::EC2::VPCEndpoint", f"Endpoints{plane}")
    chosen = [text(route_table) for route_table in endpoint["RouteTableIds"]]
    assert set(chosen) == route_tables(everything, group)
    assert len(chosen) == 2


def test_planes_share_no_route_table(everything: Template) -> None:
    data, control = everything.of_type("AWS::EC2::VPCEndpoint").values()
    data_routes = {text(route_table) for route_table in data["Properties"]["RouteTableIds"]}
    assert data_routes.isdisjoint(text(route_table) for route_table in control["Properties"]["RouteTableIds"])


@EVERY_PLANE
def test_endpoints_carry_the_tags_of_their_owner(everything: Template, plane: str) -> None:
    tags = everything.properties("AWS::EC2::VPCEndpoint", f"Endpoints{plane}")["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == OWNERSHIP.tags()


@EVERY_PLANE
def test_nothing_passes_while_no_table_is_registered(stack: Stack, plane: str) -> None:
    endpoints(stack, vpc(stack))
    template = synthesized(stack)
    assert policy(template, f"Endpoints{plane}") == {
        "Sid": "DenyUntilTablesRegister",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
    }
    assert "Tags" not in template.properties("AWS::EC2::VPCEndpoint", f"Endpoints{plane}")


def test_two_tables_share_one_pair_of_endpoints(stack: Stack) -> None:
    shared = endpoints(stack, vpc(stack))
    table(stack, "Orders", shared)
    table(stack, "Invoices", shared)
    template = synthesized(stack)
    names = [f"<{name}.Arn>" for name in template.of_type("AWS::DynamoDB::GlobalTable")]
    assert len(names) == len(template.of_type("AWS::EC2::VPCEndpoint")) == 2
    assert sorted(resources(template, "EndpointsControlPlane")) == sorted(names)
    assert sorted(resources(template, "EndpointsDataPlane")) == sorted([*names, *(f"{n}/index/*" for n in names)])


def test_tables_of_another_stack_than_the_network_pass(stacks: Callable[..., Stack]) -> None:
    network, first, second = (stacks(name) for name in ("Network", "First", "Second"))
    shared = endpoints(network, vpc(network))
    table(first, "Orders", shared)
    table(second, "Invoices", shared)
    passing = policy(synthesized(network), "EndpointsControlPlane")["Resource"]
    exporters = {arn["Fn::ImportValue"].partition(":")[0] for arn in passing}
    assert exporters == {"First", "Second"}
    assert network.dependencies == [first, second]


def test_endpoints_may_stand_with_their_tables_in_another_stack_than_the_vpc(stacks: Callable[..., Stack]) -> None:
    network, application = stacks("Network"), stacks("Application")
    table(application, "Orders", endpoints(application, vpc(network)))
    endpoint = synthesized(application).properties("AWS::EC2::VPCEndpoint", "EndpointsDataPlane")
    assert endpoint["VpcId"]["Fn::ImportValue"].startswith("Network:")
    assert network.dependencies == []


def test_two_vpcs_have_endpoints_of_their_own(stack: Stack) -> None:
    first, second = vpc(stack, "One"), vpc(stack, "Two")
    table(stack, "Orders", endpoints(stack, first, "First"))
    table(stack, "Invoices", endpoints(stack, second, "Second"))
    template = synthesized(stack)
    (name,) = (name for name in template.of_type("AWS::DynamoDB::GlobalTable") if name.startswith("Invoices"))
    assert resources(template, "SecondControlPlane") == [f"<{name}.Arn>"]
    assert f"<{name}.Arn>" not in resources(template, "FirstControlPlane")
    vpcs = [text(e["Properties"]["VpcId"]) for e in template.of_type("AWS::EC2::VPCEndpoint").values()]
    assert sorted(vpcs) == sorted(2 * [f"<{logical_id}>" for logical_id in template.of_type("AWS::EC2::VPC")])


def test_a_table_can_be_let_through_the_endpoints_of_a_second_vpc(stack: Stack) -> None:
    orders = table(stack, "Orders", endpoints(stack, vpc(stack, "One"), "First"))
    endpoints(stack, vpc(stack, "Two"), "Second").register(orders.table_arn)
    template = synthesized(stack)
    assert resources(template, "FirstDataPlane") == resources(template, "SecondDataPlane")


def test_a_route_table_that_several_subnets_of_a_plane_share_is_taken_once(stack: Stack) -> None:
    network = vpc(stack)
    twice = [SubnetSelection(subnet_group_name="application"), SubnetSelection(subnets=network.isolated_subnets[:2])]
    endpoints(stack, network, data_plane_subnets=twice)
    routes = synthesized(stack).properties("AWS::EC2::VPCEndpoint", "EndpointsDataPlane")["RouteTableIds"]
    assert len(routes) == 2


def test_subnets_that_do_not_exist_are_refused(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match=r"subnet_group_name='web'.*application,operations") as raised:
        endpoints(stack, vpc(stack), data_plane_subnets=[SubnetSelection(subnet_group_name="web")])
    assert raised.value.argument == "data_plane_subnets[0]"


def test_imported_subnets_without_route_table_are_refused(stack: Stack) -> None:
    selection = SubnetSelection(subnets=[Subnet.from_subnet_id(stack, "Imported", "subnet-1")])
    with pytest.raises(InvalidArgumentError, match=r"'Test/Imported'.*give route_table_id when you import") as raised:
        endpoints(stack, vpc(stack), control_plane_subnets=[selection])
    assert raised.value.argument == "control_plane_subnets[0]"
