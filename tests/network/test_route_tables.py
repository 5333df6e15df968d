"""A route table holds one endpoint for DynamoDB: a second one is refused, with the name of the first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_ec2 import (
    CfnVPCEndpoint,
    GatewayVpcEndpointAwsService,
    Subnet,
    SubnetSelection,
    Vpc,
)
from constructs import Construct

from secure_ddb import InvalidArgumentError
from tests.network.networks import (
    ENDPOINT,
    arn,
    endpoints,
    group,
    policy,
    resources,
    synthesized,
    table,
    two_lanes,
    vpc,
    with_indexes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.aws_ec2 import IVpc

HERE = Environment(account="111122223333", region="eu-central-1")
LOOKED_UP = "vpc-provider:account=111122223333:filter.vpc-id=vpc-9:region=eu-central-1:returnAsymmetricSubnets=true"


def imported(scope: Construct, name: str = "Imported", **attributes: Any) -> IVpc:
    """Return a VPC that exists, with an isolated subnet of each group."""
    groups = ["application", "operations", "web", "batch"]
    return Vpc.from_vpc_attributes(
        scope,
        name,
        vpc_id="vpc-1",
        availability_zones=["eu-central-1a"],
        isolated_subnet_ids=[f"subnet-{name}" for name in groups],
        isolated_subnet_names=groups,
        **{"isolated_subnet_route_table_ids": [f"rtb-{name}" for name in groups], **attributes},
    )


def add_gateway_endpoint(network: IVpc) -> str:
    network.add_gateway_endpoint("Ours", service=GatewayVpcEndpointAwsService.DYNAMODB, subnets=group("web"))
    return f"{network.node.path}/Ours/Resource"


def add_raw_endpoint(network: Vpc) -> str:
    (subnet, *_) = network.select_subnets(subnet_group_name="web").subnets
    endpoint = CfnVPCEndpoint(
        Construct(network, "Team"),
        "Raw",
        vpc_id=network.vpc_id,
        service_name="com.amazonaws.eu-central-1.dynamodb",
        route_table_ids=[subnet.route_table.route_table_id],
    )
    return endpoint.node.path


# A VPC, and how it gets an endpoint on the first route table of `web`.
ELSEWHERE = {
    "by its own method": (vpc, add_gateway_endpoint),
    "as an imported VPC": (imported, add_gateway_endpoint),
    "as a resource": (vpc, add_raw_endpoint),
}
EACH_ELSEWHERE = pytest.mark.parametrize(("make", "add"), ELSEWHERE.values(), ids=ELSEWHERE)


@EACH_ELSEWHERE
def test_endpoint_that_the_vpc_has_already_is_named(
    stack: Stack, make: Callable[[Stack], Any], add: Callable[[Any], str]
) -> None:
    network = make(stack)
    path = add(network)
    with pytest.raises(InvalidArgumentError, match=rf"webSubnet.'; allowed: .*: the endpoint {path} has") as raised:
        two_lanes(stack, network)
    assert raised.value.argument == "lanes['web']"
    assert stack.node.try_find_child("Endpoints") is None


@EACH_ELSEWHERE
def test_endpoint_that_the_vpc_gets_afterwards_fails_the_synth(
    stack: Stack, make: Callable[[Stack], Any], add: Callable[[Any], str]
) -> None:
    network = make(stack)
    two_lanes(stack, network)
    path = add(network)
    with pytest.raises(RuntimeError, match=rf"\[Test/Endpoints\] {path} is on the route table of .*webSubnet. as well"):
        synthesized(stack)


def test_endpoints_may_stand_inside_of_their_vpc(stack: Stack) -> None:
    network = vpc(stack)
    two_lanes(network, network)
    assert len(synthesized(stack).of_type(ENDPOINT)) == 3


def test_endpoints_of_another_part_of_the_app_are_named(stacks: Callable[[str], Stack]) -> None:
    network = vpc(stacks("Network"))
    endpoints(stacks("First"), network)
    second = stacks("Second")
    taken = "operationsSubnet1'; allowed: .*: the endpoint First/Endpoints/ControlPlane has"
    with pytest.raises(InvalidArgumentError, match=taken) as raised:
        endpoints(second, network, data_plane_subnets=group("web"))
    assert raised.value.argument == "control_plane_subnets"


def test_vpc_that_two_stacks_import_has_the_same_route_tables(stacks: Callable[[str], Stack]) -> None:
    first, second = stacks("First"), stacks("Second")
    endpoints(first, imported(first))
    with pytest.raises(InvalidArgumentError, match="the endpoint First/Endpoints/DataPlane has"):
        endpoints(second, imported(second))


def test_two_apps_do_not_know_each_other(stack: Stack) -> None:
    other = Stack(App(), "Other", env=HERE)
    endpoints(other, imported(other))
    assert endpoints(stack, imported(stack))


def test_refused_endpoints_hold_nothing(stack: Stack) -> None:
    network = vpc(stack)
    with pytest.raises(InvalidArgumentError):
        endpoints(stack, network, control_plane_subnets=group("application"))
    assert endpoints(stack, network)


def test_endpoints_for_other_services_and_on_other_route_tables_do_not_matter(stack: Stack) -> None:
    network = vpc(stack)
    network.add_gateway_endpoint("S3", service=GatewayVpcEndpointAwsService.S3)
    network.add_gateway_endpoint("Ours", service=GatewayVpcEndpointAwsService.DYNAMODB, subnets=group("web"))
    endpoints(stack, network)
    assert len(synthesized(stack).of_type(ENDPOINT)) == 4


def test_a_route_table_that_several_subnets_of_a_plane_share_is_taken_once(stack: Stack) -> None:
    network = vpc(stack)
    application = network.select_subnets(subnet_group_name="application").subnets
    endpoints(stack, network, data_plane_subnets=[*group("application"), SubnetSelection(subnets=application)])
    routes = synthesized(stack).properties(ENDPOINT, "EndpointsDataPlane")["RouteTableIds"]
    assert len(routes) == 2


def test_subnets_that_do_not_exist_are_refused(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match=r"subnet_group_name='cache'.*application,operations") as raised:
        endpoints(stack, vpc(stack), data_plane_subnets=group("cache"))
    assert raised.value.argument == "data_plane_subnets[0]"


def test_imported_subnets_without_route_table_are_refused(stack: Stack) -> None:
    selection = SubnetSelection(subnets=[Subnet.from_subnet_id(stack, "Imported", "subnet-1")])
    with pytest.raises(InvalidArgumentError, match=r"'Test/Imported'.*give route_table_id when you import") as raised:
        endpoints(stack, vpc(stack), control_plane_subnets=[selection])
    assert raised.value.argument == "control_plane_subnets[0]"


def test_imported_vpc_without_route_tables_is_refused(stack: Stack) -> None:
    network = imported(stack, isolated_subnet_route_table_ids=None)
    with pytest.raises(InvalidArgumentError, match=r"applicationSubnet1'.*give route_table_id when you import"):
        endpoints(stack, network)


def test_imported_vpc_gets_endpoints_on_the_route_tables_it_was_imported_with(stack: Stack) -> None:
    table(stack, "Orders", endpoints(stack, imported(stack)))
    template = synthesized(stack)
    for plane, subnets in (("DataPlane", "application"), ("ControlPlane", "operations")):
        endpoint = template.properties(ENDPOINT, f"Endpoints{plane}")
        assert endpoint["VpcId"] == "vpc-1"
        assert endpoint["RouteTableIds"] == [f"rtb-{subnets}"]
    assert resources(template, "EndpointsDataPlane") == with_indexes(arn(template, "Orders"))


def look_up_twice(app: App) -> None:
    """Look the same VPC up in two stacks, with selections that only the answer could tell right or wrong."""
    first, second = (Stack(app, name, env=HERE) for name in ("First", "Second"))
    one = Vpc.from_lookup(first, "Vpc", vpc_id="vpc-9")
    two_lanes(first, one)
    two = Vpc.from_lookup(second, "Vpc", vpc_id="vpc-9")
    two_lanes(second, two, lanes={"web": group("cache"), "batch": [SubnetSelection(subnets=two.private_subnets)]})


def test_vpc_that_is_still_to_be_looked_up_is_not_judged() -> None:
    app = App()
    look_up_twice(app)
    manifest = json.loads((Path(app.synth().directory) / "manifest.json").read_text(encoding="utf-8"))
    # The CLI looks it up now, and synthesizes again.
    assert {missing["key"] for missing in manifest["missing"]} == {LOOKED_UP}


def test_vpc_that_was_looked_up_is_judged_like_any_other() -> None:
    groups = ["application", "operations", "web", "batch"]
    subnets = {
        group: {
            "subnetId": f"subnet-{group}",
            "cidr": "10.0.0.0/24",
            "availabilityZone": "eu-central-1a",
            "routeTableId": f"rtb-{group}",
        }
        for group in groups
    }
    found = {
        "vpcId": "vpc-9",
        "vpcCidrBlock": "10.0.0.0/16",
        "availabilityZones": [],
        "subnetGroups": [{"name": name, "type": "Isolated", "subnets": [subnet]} for name, subnet in subnets.items()],
    }
    app = App(context={LOOKED_UP: found})
    stack = Stack(app, "First", env=HERE)
    table(stack, "Orders", endpoints(stack, Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-9")))
    template = synthesized(stack)
    assert template.properties(ENDPOINT, "EndpointsDataPlane")["RouteTableIds"] == ["rtb-application"]
    assert policy(template, "EndpointsDataPlane")["Effect"] == "Allow"
    with pytest.raises(InvalidArgumentError, match="the endpoint First/Endpoints/DataPlane has"):
        endpoints(stack, Vpc.from_lookup(stack, "Again", vpc_id="vpc-9"), "Again")
