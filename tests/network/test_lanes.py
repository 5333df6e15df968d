"""Lanes: tiers of one VPC with endpoints of their own, which cannot reach each other's tables (NET-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack

from secure_ddb import InvalidArgumentError
from secure_ddb.access.actions import CONTROL_PLANE, DATA_PLANE
from tests.network.networks import (
    ENDPOINT,
    arn,
    endpoints,
    group,
    policy,
    resources,
    route_tables,
    synthesized,
    table,
    two_lanes,
    vpc,
    with_indexes,
)
from tests.orders import OWNERSHIP
from tests.template import Template, text

if TYPE_CHECKING:
    from collections.abc import Callable


CHOICE = "endpoints is 'one with lanes'; allowed: the lane that .*: endpoints.lane('web') or endpoints.lane('batch')"
ENDPOINTS = {"DataPlaneweb": "web", "DataPlanebatch": "batch", "ControlPlane": "operations"}


@pytest.fixture(scope="module")
def shared() -> Template:
    """Return the template of a table of each lane, and one of both."""
    app = App()
    stack = Stack(app, "Test", env=Environment(account="111122223333", region="eu-central-1"))
    network = two_lanes(stack, vpc(stack), ownership=OWNERSHIP)
    web, batch = network.lane("web"), network.lane("batch")
    table(stack, "Carts", web)
    table(stack, "Reports", batch)
    table(stack, "Orders", [web, batch])
    return synthesized(stack)


@pytest.mark.parametrize(("lane", "tables"), [("web", ["Carts", "Orders"]), ("batch", ["Reports", "Orders"])])
def test_lane_names_its_own_tables_and_no_other(shared: Template, lane: str, tables: list[str]) -> None:
    assert resources(shared, f"EndpointsDataPlane{lane}") == with_indexes(*(arn(shared, name) for name in tables))


@pytest.mark.parametrize("lane", ["web", "batch"])
def test_lane_lets_item_level_actions_pass_and_no_table_management(shared: Template, lane: str) -> None:
    statement = policy(shared, f"EndpointsDataPlane{lane}")
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == list(DATA_PLANE)
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}


def test_one_control_plane_endpoint_manages_the_tables_of_all_lanes(shared: Template) -> None:
    assert len(shared.of_type(ENDPOINT)) == len(ENDPOINTS)
    assert policy(shared, "EndpointsControlPlane")["Action"] == list(CONTROL_PLANE)
    names = ("Carts", "Reports", "Orders")
    assert resources(shared, "EndpointsControlPlane") == [arn(shared, name) for name in names]


@pytest.mark.parametrize(("endpoint", "group"), ENDPOINTS.items())
def test_lane_is_on_the_route_tables_of_its_own_subnets(shared: Template, endpoint: str, group: str) -> None:
    chosen = shared.properties(ENDPOINT, f"Endpoints{endpoint}")["RouteTableIds"]
    assert {text(route_table) for route_table in chosen} == route_tables(shared, group)
    assert len(chosen) == 2


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_lanes_carry_the_tags_of_their_owner(shared: Template, endpoint: str) -> None:
    tags = shared.properties(ENDPOINT, f"Endpoints{endpoint}")["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == OWNERSHIP.tags()


def test_lane_without_tables_lets_nothing_pass(stack: Stack) -> None:
    table(stack, "Carts", two_lanes(stack, vpc(stack)).lane("web"))
    template = synthesized(stack)
    assert policy(template, "EndpointsDataPlaneweb")["Effect"] == "Allow"
    assert policy(template, "EndpointsDataPlanebatch")["Effect"] == "Deny"


def test_lane_hands_out_the_id_of_its_endpoint_for_the_tables_own_policy(stack: Stack) -> None:
    network = two_lanes(stack, vpc(stack))
    single = endpoints(stack, vpc(stack, "Other"), "Single")
    for each, endpoint in (
        (network.lane("web"), network.lane("web").data_plane_endpoint),
        (single, single.data_plane_endpoint),
    ):
        assert stack.resolve(list(each.data_plane_endpoint_ids)) == [{"Ref": stack.get_logical_id(endpoint)}]
    assert network.lane("web").data_plane_endpoint_ids != network.lane("batch").data_plane_endpoint_ids


def test_lane_of_another_name_is_refused_with_the_names_there_are(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match=r"lane is 'reports'; allowed: web, batch$"):
        two_lanes(stack, vpc(stack)).lane("reports")


@pytest.mark.parametrize("name", ["web", ""])
def test_endpoints_without_lanes_say_so_when_asked_for_one(stack: Stack, name: str) -> None:
    with pytest.raises(InvalidArgumentError, match=f"lane is '{name}'; allowed: none: .* data_plane_subnets instead"):
        endpoints(stack, vpc(stack)).lane(name)


@pytest.mark.parametrize(
    "use",
    [
        lambda shared: table(shared.node.scope, "Orders", shared),
        lambda shared: table(shared.node.scope, "Orders", [shared.lane("web"), shared]),
        lambda shared: shared.register("arn"),
        lambda shared: shared.data_plane_endpoint,
        lambda shared: shared.data_plane_endpoint_ids,
    ],
    ids=["given to a table", "given with another", "register", "endpoint", "ids"],
)
def test_endpoints_with_lanes_ask_for_one(stack: Stack, use: Callable[[Any], object]) -> None:
    shared = two_lanes(stack, vpc(stack))
    with pytest.raises(InvalidArgumentError, match=CHOICE.replace("(", r"\(").replace(")", r"\)")):
        use(shared)
    assert stack.node.try_find_child("Orders") is None


def test_lanes_share_no_route_table(stack: Stack) -> None:
    lanes = {"web": group("web"), "batch": [*group("batch"), *group("web")]}
    taken = r"'Test/Vpc/webSubnet1'; allowed: .*: Test/Vpc/webSubnet1 of lanes\['web'\] has the same one"
    with pytest.raises(InvalidArgumentError, match=taken) as raised:
        two_lanes(stack, vpc(stack), lanes=lanes)
    assert raised.value.argument == "lanes['batch']"


def test_lane_and_control_plane_share_no_route_table(stack: Stack) -> None:
    taken = r"'Test/Vpc/batchSubnet1'; allowed: .*: Test/Vpc/batchSubnet1 of lanes\['batch'\] has the same one"
    with pytest.raises(InvalidArgumentError, match=taken) as raised:
        two_lanes(stack, vpc(stack), control_plane_subnets=group("batch"))
    assert raised.value.argument == "control_plane_subnets"
