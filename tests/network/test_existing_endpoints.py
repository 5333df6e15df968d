"""Endpoints that exist already can be used, and nothing is claimed about their policy."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_ec2 import (
    GatewayVpcEndpoint,
    GatewayVpcEndpointAwsService,
    InterfaceVpcEndpoint,
    InterfaceVpcEndpointAwsService,
)

from secure_ddb import ExistingEndpoints, InvalidArgumentError
from secure_ddb.access.actions import DATA_PLANE
from secure_ddb.context import StackEnvironment
from secure_ddb.network.policy import endpoint_policy
from tests.network.networks import ENDPOINT, TABLE, endpoints, group, resources, synthesized, table, vpc

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_SEEN = "the existing gateway endpoint: its policy, and the route tables it is on"
PAGE = Path(__file__).parents[2] / "docs" / "existing-endpoints.md"


def imported(stack: Stack, name: str = "Existing") -> ExistingEndpoints:
    return ExistingEndpoints(data_plane=GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(stack, name, "vpce-1"))


def test_table_behind_an_existing_endpoint_makes_none_and_says_what_is_not_verifiable(stack: Stack) -> None:
    orders = table(stack, "Orders", imported(stack))
    template = synthesized(stack)
    assert template.of_type(ENDPOINT) == {}
    assert template.only(TABLE)["Metadata"]["SecureTable"] == {"not_verifiable": [NOT_SEEN]}
    assert [list(each.data_plane_endpoint_ids) for each in orders.endpoints] == [["vpce-1"]]


def test_existing_endpoint_that_the_app_makes_is_used_by_its_reference(stack: Stack) -> None:
    made = vpc(stack).add_gateway_endpoint("Ddb", service=GatewayVpcEndpointAwsService.DYNAMODB)
    existing = ExistingEndpoints(data_plane=made)
    table(stack, "Orders", existing)
    logical_id = synthesized(stack).named(ENDPOINT, "VpcDdb")
    assert stack.resolve(list(existing.data_plane_endpoint_ids)) == [{"Ref": logical_id}]


def test_table_may_be_behind_new_and_existing_endpoints(stack: Stack) -> None:
    ours = endpoints(stack, vpc(stack), data_plane_subnets=group("web"))
    assert len(table(stack, "Orders", (ours, imported(stack))).endpoints) == 2
    assert len(resources(synthesized(stack), "EndpointsDataPlane")) == 2


def test_existing_endpoint_of_another_region_is_refused(stacks: Callable[[str], Stack]) -> None:
    here = stacks("Here")
    there = Stack(here.node.root, "There", env=Environment(account="111122223333", region="us-east-1"))  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="endpoints is 'in us-east-1'; allowed: endpoints in eu-central-1"):
        table(here, "Orders", imported(there))


def test_existing_endpoint_of_a_stack_without_region_is_taken(stack: Stack) -> None:
    assert table(stack, "Orders", imported(Stack(App(), "Agnostic")))


def test_interface_endpoint_is_refused(stack: Stack) -> None:
    made = vpc(stack).add_interface_endpoint("Made", service=InterfaceVpcEndpointAwsService.DYNAMODB)
    brought = InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(
        stack, "I", vpc_endpoint_id="vpce-2", port=443
    )
    for endpoint in (made, brought):
        with pytest.raises(InvalidArgumentError, match=r"allowed: an aws_ec2\.IGatewayVpcEndpoint, such as") as raised:
            ExistingEndpoints(data_plane=endpoint)
        assert raised.value.argument == "data_plane"


def test_documents_show_the_policy_that_an_existing_endpoint_needs() -> None:
    (shown,) = re.findall(r"^```json\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    here = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Orders")
    arn = here.arn("dynamodb", "table/orders-prod")
    assert json.loads(shown) == endpoint_policy(
        "AllowItemsOfRegisteredTables", DATA_PLANE, [arn, f"{arn}/index/*"], here
    )
