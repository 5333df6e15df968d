"""`network=` makes the gateway endpoints of a VPC once, as `DynamoDbEndpoints` would be made by hand (NET-1, NET-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_ec2 import SubnetSelection, Vpc

from examples.table_network import app_with_network
from secure_ddb import (
    DataClassification,
    DynamoDbEndpoints,
    InvalidArgumentError,
    Ownership,
    SecureTable,
    TableDefaults,
    TableNetwork,
)
from tests.network.networks import (
    ENDPOINT,
    TABLE,
    arn,
    endpoints,
    group,
    resources,
    synthesized,
    table,
    templates,
    vpc,
    with_indexes,
)
from tests.orders import INSIDE, OWNERSHIP, PK

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.aws_ec2 import IVpc
    from constructs import Construct

    from tests.template import Template


def network(of: IVpc, **arguments: Any) -> TableNetwork:
    planes = {"data_plane_subnets": group("application"), "control_plane_subnets": group("operations")}
    return TableNetwork(vpc=of, **{**planes, **arguments})


def through(scope: Construct, name: str, given: TableNetwork | None, **arguments: Any) -> SecureTable:
    return SecureTable(scope, name, **{"partition_key": PK, "ownership": OWNERSHIP, "network": given, **arguments})


def endpoint_properties(template: Template) -> list[Any]:
    return [endpoint["Properties"] for endpoint in template.of_type(ENDPOINT).values()]


def app_stack(name: str, app: App | None = None, region: str = "eu-central-1") -> Stack:
    return Stack(app or App(), name, env=Environment(account="111122223333", region=region))


@pytest.mark.parametrize("arguments", [{}, {"ownership": OWNERSHIP, "organization_id": "o-abcde12345"}])
def test_endpoints_are_those_that_would_be_made_by_hand(arguments: dict[str, Any]) -> None:
    short, by_hand = app_stack("Test"), app_stack("Test")
    through(short, "Orders", network(vpc(short), **arguments), perimeter=INSIDE)
    table(by_hand, "Orders", endpoints(by_hand, vpc(by_hand), **arguments), perimeter=INSIDE)
    ours, theirs = synthesized(short), synthesized(by_hand)
    assert len(endpoint_properties(ours)) == 2
    assert endpoint_properties(ours) == endpoint_properties(theirs)
    assert {kind: len(ours.of_type(kind)) for kind in kinds(ours)} == {
        kind: len(theirs.of_type(kind)) for kind in kinds(theirs)
    }


def kinds(template: Template) -> set[str]:
    return {resource["Type"] for resource in template.resources.values()}


def test_perimeter_lets_the_endpoints_of_the_network_in(stack: Stack) -> None:
    through(stack, "Orders", network(vpc(stack)), perimeter=INSIDE)
    template = synthesized(stack)
    endpoint = template.named(ENDPOINT, "VpcDynamoDbEndpointsDataPlane")
    assert {"Ref": endpoint} in conditions(template, "aws:SourceVpce")


def conditions(template: Template, key: str) -> list[Any]:
    """Return what the table's policy compares a key with."""
    found: list[Any] = []
    for statement in template.replica()["ResourcePolicy"]["PolicyDocument"]["Statement"]:
        for compared in statement.get("Condition", {}).values():
            values = compared.get(key, [])
            found += values if isinstance(values, list) else [values]
    return found


@pytest.mark.parametrize("same_object", [True, False])
def test_tables_of_a_vpc_share_one_pair(stack: Stack, same_object: bool) -> None:  # noqa: FBT001 - a parameter of a test
    of = vpc(stack)
    first = network(of)
    orders = through(stack, "Orders", first)
    invoices = through(stack, "Invoices", first if same_object else network(of))
    assert orders.endpoints == invoices.endpoints
    template = synthesized(stack)
    arns = [arn(template, "Orders"), arn(template, "Invoices")]
    assert len(template.of_type(ENDPOINT)) == 2
    assert resources(template, "VpcDynamoDbEndpointsDataPlane") == with_indexes(*arns)
    assert resources(template, "VpcDynamoDbEndpointsControlPlane") == arns


@pytest.mark.parametrize("order", [("Carts", "Orders"), ("Orders", "Carts")])
def test_which_table_comes_first_changes_neither_id_nor_stack_of_the_endpoints(order: tuple[str, str]) -> None:
    app = App()
    platform = app_stack("Platform", app)
    of = vpc(platform)
    stacks = {name: app_stack(name, app) for name in order}
    for name in order:
        through(stacks[name], "Table", network(of))
    found = templates(app)
    assert {name: sorted(template.of_type(ENDPOINT)) for name, template in found.items()} == {
        "Carts": [],
        "Orders": [],
        "Platform": ["VpcDynamoDbEndpointsControlPlane759BFE5C", "VpcDynamoDbEndpointsDataPlane51E13B07"],
    }


def test_vpcs_of_a_stack_have_endpoints_of_their_own(stack: Stack) -> None:
    one, two = (through(stack, f"In{name}", network(vpc(stack, name))) for name in ("One", "Two"))
    assert one.endpoints != two.endpoints
    template = synthesized(stack)
    assert resources(template, "OneDynamoDbEndpointsControlPlane") == [arn(template, "InOne")]
    assert resources(template, "TwoDynamoDbEndpointsControlPlane") == [arn(template, "InTwo")]


def test_existing_vpc_has_its_endpoints_in_the_stack_that_imports_it(stack: Stack) -> None:
    through(stack, "Orders", network(imported(stack)))
    template = synthesized(stack)
    routes = [endpoint["RouteTableIds"] for endpoint in endpoint_properties(template)]
    assert routes == [["rtb-application"], ["rtb-operations"]]


def imported(stack: Stack) -> IVpc:
    groups = ["application", "operations"]
    return Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-central-1a"],
        isolated_subnet_ids=[f"subnet-{name}" for name in groups],
        isolated_subnet_names=groups,
        isolated_subnet_route_table_ids=[f"rtb-{name}" for name in groups],
    )


def test_vpc_that_is_imported_twice_is_refused_with_the_endpoints_that_exist() -> None:
    app = App()
    first, second = app_stack("First", app), app_stack("Second", app)
    through(first, "Orders", network(imported(first)))
    with pytest.raises(InvalidArgumentError, match="the endpoint First/Vpc-DynamoDbEndpoints/DataPlane has the same"):
        through(second, "Invoices", network(imported(second)))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {"data_plane_subnets": group("web")},
            r"network\.data_plane_subnets.*webSubnet1.*allowed: the subnets of Test/Vpc-DynamoDbEndpoints.*application",
        ),
        ({"control_plane_subnets": group("batch")}, r"network\.control_plane_subnets.*batchSubnet1.*operationsSubnet1"),
        (
            {"organization_id": "o-abcde12345"},
            r"network\.organization_id is 'o-abcde12345'; allowed: as of Test/.*None",
        ),
        ({"ownership": OWNERSHIP}, r"network\.ownership is .*allowed: as of Test/Vpc-DynamoDbEndpoints"),
    ],
)
def test_other_choices_for_the_same_vpc_are_refused(stack: Stack, arguments: dict[str, Any], expected: str) -> None:
    of = vpc(stack)
    through(stack, "Orders", network(of))
    with pytest.raises(InvalidArgumentError, match=expected):
        through(stack, "Invoices", network(of, **arguments))


def test_equal_owners_are_the_same(stack: Stack) -> None:
    of = vpc(stack)
    again = Ownership(**{name: getattr(OWNERSHIP, name) for name in OWNERSHIP.__dataclass_fields__})
    for name, owner in (("Orders", OWNERSHIP), ("Invoices", again)):
        through(stack, name, network(of, ownership=owner))
    assert len(synthesized(stack).of_type(ENDPOINT)) == 2


def test_endpoints_made_by_hand_for_the_same_subnets_are_named(stack: Stack) -> None:
    of = vpc(stack)
    endpoints(stack, of)
    with pytest.raises(InvalidArgumentError, match="the endpoint Test/Endpoints/DataPlane has the same one"):
        through(stack, "Orders", network(of))


def test_network_and_endpoints_exclude_each_other(stack: Stack) -> None:
    of = vpc(stack)
    by_hand = endpoints(stack, of)
    with pytest.raises(InvalidArgumentError, match=r"network is .*allowed: only without endpoints"):
        through(stack, "Orders", network(of), endpoints=by_hand)


def test_vpc_of_another_region_is_refused_before_endpoints_are_made() -> None:
    app = App()
    here, there = app_stack("Here", app), app_stack("There", app, "us-east-1")
    with pytest.raises(InvalidArgumentError, match=r"network\.vpc is 'in us-east-1'; allowed: a VPC in eu-central-1"):
        through(here, "Orders", network(vpc(there)))
    assert synthesized(there).of_type(ENDPOINT) == {}


def test_refused_table_leaves_endpoints_that_let_nothing_pass(stack: Stack) -> None:
    of = vpc(stack)
    restricted = {"classification": DataClassification.RESTRICTED, "audit": "none"}
    with pytest.raises(InvalidArgumentError):
        through(stack, "Orders", network(of), **restricted)
    assert all(
        each["PolicyDocument"]["Statement"][0]["Effect"] == "Deny" for each in endpoint_properties(synthesized(stack))
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"vpc": "vpc-1"}, r"network\.vpc is 'vpc-1'; allowed: an aws_ec2\.IVpc"),
        ({"data_plane_subnets": SubnetSelection()}, r"network\.data_plane_subnets.*a list of aws_ec2\.SubnetSelection"),
        ({"control_plane_subnets": None}, r"network\.control_plane_subnets.*a list of"),
        ({"organization_id": "acme"}, r"network\.organization_id is 'acme'"),
        ({"ownership": "payments"}, r"network\.ownership is 'payments'"),
    ],
)
def test_other_values_are_refused(stack: Stack, arguments: dict[str, Any], expected: str) -> None:
    with pytest.raises(InvalidArgumentError, match=expected):
        network(arguments.pop("vpc", None) or vpc(stack), **arguments)


def test_table_without_network_has_no_endpoints(stack: Stack) -> None:
    assert through(stack, "Orders", None).endpoints == ()
    assert synthesized(stack).of_type(ENDPOINT) == {}


def test_network_of_the_defaults_is_for_all_tables_without_endpoints_of_their_own() -> None:
    app = App()
    platform = app_stack("Platform", app)
    of = vpc(platform)
    own = vpc(platform, "Own")
    TableDefaults(network=network(of)).apply_to(app)
    by_hand = endpoints(platform, own)
    orders, carts = (through(app_stack(name, app), "Table", None) for name in ("Orders", "Carts"))
    invoices = table(app_stack("Invoices", app), "Table", by_hand)
    assert orders.endpoints == carts.endpoints
    assert isinstance(orders.endpoints[0], DynamoDbEndpoints)
    assert invoices.endpoints == (by_hand,)
    found = templates(app)
    assert resources(found["Platform"], "VpcDynamoDbEndpointsControlPlane") == [
        arn(found[name], "Table") for name in ("Orders", "Carts")
    ]


def test_nearer_network_of_the_defaults_wins() -> None:
    app = App()
    platform = app_stack("Platform", app)
    TableDefaults(network=network(vpc(platform))).apply_to(app)
    orders = app_stack("Orders", app)
    nearer = network(vpc(platform, "Nearer"))
    made = through(orders, "Table", nearer)
    assert made.endpoints == through(orders, "Other", nearer).endpoints
    template = templates(app)["Platform"]
    assert len(template.of_type(ENDPOINT)) == 2
    assert template.named(ENDPOINT, "NearerDynamoDbEndpointsDataPlane")


def test_order_of_definition_needs_no_deployment_of_tables_first(stacks: Callable[[str], Stack]) -> None:
    platform, orders = stacks("Platform"), stacks("Orders")
    through(orders, "Table", network(vpc(platform)), perimeter=INSIDE)
    assert synthesized(orders).only(TABLE)
    # The table's policy names the endpoint, the endpoint's policy only the table's name.
    assert orders.dependencies == [platform]
    assert platform.dependencies == []


def test_example_has_one_pair_for_the_tables_of_all_stacks() -> None:
    found = templates(app_with_network())
    assert {name: len(template.of_type(ENDPOINT)) for name, template in found.items()} == {
        "Platform": 2,
        "Orders": 0,
        "Invoices": 0,
    }
    assert resources(found["Platform"], "NetworkVpcDynamoDbEndpointsDataPlane") == with_indexes(
        *(arn(found[name], "Table") for name in ("Orders", "Invoices"))
    )
