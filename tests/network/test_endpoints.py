"""Items pass from the application subnets only, table management from the operations subnets only (NET-1, NET-2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from secure_ddb import InvalidArgumentError
from secure_ddb.access.actions import CONTROL_PLANE, DATA_PLANE
from secure_ddb.context import StackEnvironment
from secure_ddb.network.policy import EndpointPolicy, endpoint_policy
from tests.network.networks import (
    ENDPOINT,
    arn,
    endpoints,
    policy,
    resources,
    route_tables,
    synthesized,
    table,
    vpc,
    with_indexes,
)
from tests.orders import OWNERSHIP
from tests.template import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from tests.template import Template

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
ORDERS = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
EVERY_PLANE = pytest.mark.parametrize("plane", ["DataPlane", "ControlPlane"])


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


@EVERY_PLANE
def test_only_principals_of_this_account_pass(everything: Template, plane: str) -> None:
    statement = policy(everything, f"Endpoints{plane}")
    assert statement["Effect"] == "Allow"
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}


@EVERY_PLANE
def test_principals_of_a_whole_organization_pass_if_it_is_named(stack: Stack, plane: str) -> None:
    table(stack, "Orders", endpoints(stack, vpc(stack), organization_id="o-abcde12345"))
    statement = policy(synthesized(stack), f"Endpoints{plane}")
    assert statement["Effect"] == "Allow"
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}


@EVERY_PLANE
def test_principal_of_an_endpoint_policy_is_a_star_as_aws_demands(everything: Template, plane: str) -> None:
    # AWS would take an account's ARN for its root user.
    assert policy(everything, f"Endpoints{plane}")["Principal"] == "*"


def test_endpoint_policy_allows_these_actions_on_these_resources_only() -> None:
    assert endpoint_policy("Sid", ["dynamodb:GetItem"], [ORDERS], ENVIRONMENT) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Sid",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["dynamodb:GetItem"],
                "Resource": [ORDERS],
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
    endpoint = everything.properties(ENDPOINT, f"Endpoints{plane}")
    assert endpoint["VpcEndpointType"] == "Gateway"
    assert endpoint["ServiceName"] == "com.amazonaws.eu-central-1.dynamodb"
    assert text(endpoint["VpcId"]) == f"<{network}>"


@pytest.mark.parametrize(("plane", "group"), [("DataPlane", "application"), ("ControlPlane", "operations")])
def test_endpoint_is_on_the_route_tables_of_the_chosen_subnets(everything: Template, plane: str, group: str) -> None:
    endpoint = everything.properties(ENDPOINT, f"Endpoints{plane}")
    chosen = [text(route_table) for route_table in endpoint["RouteTableIds"]]
    assert set(chosen) == route_tables(everything, group)
    assert len(chosen) == 2


def test_planes_share_no_route_table(everything: Template) -> None:
    data, control = everything.of_type(ENDPOINT).values()
    data_routes = {text(route_table) for route_table in data["Properties"]["RouteTableIds"]}
    assert data_routes.isdisjoint(text(route_table) for route_table in control["Properties"]["RouteTableIds"])


@EVERY_PLANE
def test_endpoints_carry_the_tags_of_their_owner(everything: Template, plane: str) -> None:
    tags = everything.properties(ENDPOINT, f"Endpoints{plane}")["Tags"]
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
    assert "Tags" not in template.properties(ENDPOINT, f"Endpoints{plane}")


def test_two_tables_share_one_pair_of_endpoints(stack: Stack) -> None:
    shared = endpoints(stack, vpc(stack))
    for name in ("Orders", "Invoices"):
        table(stack, name, shared)
    template = synthesized(stack)
    arns = [arn(template, "Orders"), arn(template, "Invoices")]
    assert len(set(arns)) == len(template.of_type(ENDPOINT)) == 2
    assert resources(template, "EndpointsControlPlane") == arns
    assert resources(template, "EndpointsDataPlane") == with_indexes(*arns)


def test_tables_of_another_stack_than_the_network_pass_and_the_network_needs_neither(
    stacks: Callable[[str], Stack],
) -> None:
    network, first, second = (stacks(name) for name in ("Network", "First", "Second"))
    shared = endpoints(network, vpc(network))
    table(first, "Orders", shared)
    table(second, "Invoices", shared)
    passing = resources(synthesized(network), "EndpointsControlPlane")
    assert passing == [arn(synthesized(first), "Orders"), arn(synthesized(second), "Invoices")]
    assert network.dependencies == first.dependencies == second.dependencies == []


def test_endpoints_may_stand_with_their_tables_in_another_stack_than_the_vpc(stacks: Callable[[str], Stack]) -> None:
    network, application = stacks("Network"), stacks("Application")
    table(application, "Orders", endpoints(application, vpc(network)))
    endpoint = synthesized(application).properties(ENDPOINT, "EndpointsDataPlane")
    assert endpoint["VpcId"]["Fn::ImportValue"].startswith("Network:")
    assert network.dependencies == []


def test_two_vpcs_have_endpoints_of_their_own(stack: Stack) -> None:
    first, second = vpc(stack, "One"), vpc(stack, "Two")
    table(stack, "Orders", endpoints(stack, first, "First"))
    table(stack, "Invoices", endpoints(stack, second, "Second"))
    template = synthesized(stack)
    assert resources(template, "FirstControlPlane") == [arn(template, "Orders")]
    assert resources(template, "SecondControlPlane") == [arn(template, "Invoices")]
    vpcs = [text(e["Properties"]["VpcId"]) for e in template.of_type(ENDPOINT).values()]
    assert sorted(vpcs) == sorted(2 * [f"<{logical_id}>" for logical_id in template.of_type("AWS::EC2::VPC")])


def test_a_table_can_be_reached_from_two_vpcs(stack: Stack) -> None:
    both = [endpoints(stack, vpc(stack, "One"), "First"), endpoints(stack, vpc(stack, "Two"), "Second")]
    table(stack, "Orders", both)
    template = synthesized(stack)
    for plane in ("FirstDataPlane", "SecondDataPlane"):
        assert resources(template, plane) == with_indexes(arn(template, "Orders"))


def test_a_table_that_is_no_construct_of_this_library_can_be_registered_by_hand(stack: Stack) -> None:
    endpoints(stack, vpc(stack)).register(ORDERS)
    assert resources(synthesized(stack), "EndpointsDataPlane") == with_indexes(ORDERS)


def test_a_table_shows_what_it_is_reached_through(stack: Stack) -> None:
    first = endpoints(stack, vpc(stack, "One"), "First")
    second = endpoints(stack, vpc(stack, "Two"), "Second")
    assert table(stack, "Orders", first).endpoints == (first,)
    # Each once, or the table's policy would name an endpoint twice.
    assert table(stack, "Invoices", [second, first, second]).endpoints == (second, first)


def test_an_endpoint_policy_is_as_long_as_aws_takes_and_no_longer() -> None:
    empty = len(json.dumps(endpoint_policy("Sid", DATA_PLANE, [""], ENVIRONMENT)))
    EndpointPolicy("Sid", DATA_PLANE, ENVIRONMENT, None).allow("o" * (20_480 - empty))
    with pytest.raises(InvalidArgumentError, match=r"endpoints is '1 ARNs in Sid'.* at most 20480 characters"):
        EndpointPolicy("Sid", DATA_PLANE, ENVIRONMENT, None).allow("o" * (20_481 - empty))


def test_an_endpoint_policy_has_room_for_eighty_tables(stack: Stack) -> None:
    shared = endpoints(stack, vpc(stack))
    for number in range(80):
        shared.register(f"{ORDERS}-of-a-customer-with-a-name-{number:03}")
    assert len(resources(synthesized(stack), "EndpointsDataPlane")) == 160
