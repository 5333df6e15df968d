"""Endpoints name tables, and tables may name endpoints: in no arrangement of stacks does that make a cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, NestedStack, Stack
from aws_cdk.aws_ec2 import SubnetSelection
from aws_cdk.aws_iam import AnyPrincipal, Effect, PolicyStatement
from aws_cdk.aws_lambda import Code, Function, Runtime

from tests.cycles import cycle
from tests.network.networks import ENDPOINT, TABLE, templates, two_lanes, vpc
from tests.network.networks import table as table_behind
from tests.template import Template, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.aws_ec2 import Vpc
    from constructs import Construct

    from secure_ddb import SecureTable

    # Where the VPC is, where the endpoints are, and where each of three tables is.
    Places = tuple[Construct, Construct, list[Construct]]

HERE = Environment(account="111122223333", region="eu-central-1")
NAMES = ("Orders", "Carts", "Reports")


def one_stack(app: App) -> Places:
    stack = Stack(app, "One", env=HERE)
    return stack, stack, [stack] * 3


def tables_first(app: App) -> Places:
    tables = [Stack(app, f"{name}Stack", env=HERE) for name in NAMES]
    network = Stack(app, "Network", env=HERE)
    return network, network, [*tables]


def tables_last(app: App) -> Places:
    network = Stack(app, "Network", env=HERE)
    return network, network, [Stack(app, f"{name}Stack", env=HERE) for name in NAMES]


def tables_on_both_sides(app: App) -> Places:
    before, network, after = (Stack(app, name, env=HERE) for name in ("Before", "Network", "After"))
    return network, network, [before, network, after]


def endpoints_apart(app: App) -> Places:
    tables, endpoints, network = (Stack(app, name, env=HERE) for name in ("Tables", "Endpoints", "Network"))
    return network, endpoints, [tables] * 3


def endpoints_with_a_table(app: App) -> Places:
    network, first, second = (Stack(app, name, env=HERE) for name in ("Network", "First", "Second"))
    return network, first, [first, second, second]


def nested_tables(app: App) -> Places:
    stack = Stack(app, "One", env=HERE)
    return stack, stack, [stack, NestedStack(stack, "Inner"), NestedStack(stack, "Other")]


def nested_network(app: App) -> Places:
    stack = Stack(app, "One", env=HERE)
    network = NestedStack(stack, "Network")
    return network, network, [stack, network, NestedStack(stack, "Inner")]


ARRANGEMENTS = {
    function.__name__: function
    for function in (
        one_stack,
        tables_first,
        tables_last,
        tables_on_both_sides,
        endpoints_apart,
        endpoints_with_a_table,
        nested_tables,
        nested_network,
    )
}
# As an app has it that was made by `cdk init`, and with what newer ones have.
CONTEXTS = {"strong": {}, "weak": {"@aws-cdk/core:defaultCrossStackReferences": "weak"}}


def add_perimeter(table: SecureTable) -> None:
    """Let the table's own policy name the endpoints that it is reached through."""
    ids = [endpoint for each in table.endpoints for endpoint in each.data_plane_endpoint_ids]
    table.table.add_to_resource_policy(
        PolicyStatement(
            sid="Perimeter",
            effect=Effect.DENY,
            principals=[AnyPrincipal()],
            actions=["dynamodb:GetItem"],
            resources=["*"],
            conditions={"StringNotEquals": {"aws:SourceVpce": ids}},
        )
    )


def add_service(table: SecureTable, network: Vpc) -> None:
    """Let a function in the VPC use the table, from the table's own stack."""
    function = Function(
        table,
        "Service",
        runtime=Runtime.PYTHON_3_13,
        handler="index.handler",
        code=Code.from_inline("def handler(*_): ..."),
        vpc=network,
        vpc_subnets=SubnetSelection(subnet_group_name="web"),
    )
    function.add_environment("TABLE", table.table_name)
    table.grant_read_write_data(function)


@pytest.fixture(
    scope="module", params=[(place, context) for place in ARRANGEMENTS for context in CONTEXTS], ids="-".join
)
def arranged(request: pytest.FixtureRequest) -> dict[str, Template]:
    """Return the templates of three tables with a perimeter, a lane for two of them and two for the third."""
    place, context = request.param
    app = App(context=CONTEXTS[context])
    at_vpc, at_endpoints, at_tables = ARRANGEMENTS[place](app)
    network = vpc(at_vpc)
    endpoints = two_lanes(at_endpoints, network)
    web, batch = endpoints.lane("web"), endpoints.lane("batch")
    for name, scope, lanes in zip(NAMES, at_tables, ([web], [web, batch], [batch]), strict=True):
        table = table_behind(scope, name, lanes)
        add_perimeter(table)
        add_service(table, network)
    return templates(app)


def test_three_tables_and_two_lanes_make_no_cycle(arranged: dict[str, Template]) -> None:
    # CDK would have refused one between stacks.
    assert [found for template in arranged.values() if (found := cycle(template))] == []


def test_lanes_name_the_tables_and_tables_name_the_lanes(arranged: dict[str, Template]) -> None:
    passing: dict[str, list[str]] = {}
    named: dict[str, int] = {}
    for template in arranged.values():
        for endpoint, resource in template.of_type(ENDPOINT).items():
            (statement,) = resource["Properties"]["PolicyDocument"]["Statement"]
            arns = [text(arn).rpartition("table/")[2] for arn in statement["Resource"]]
            passing[endpoint[len("Endpoints") : -8]] = [arn for arn in arns if not arn.endswith("/index/*")]
        for table in template.of_type(TABLE).values():
            (replica,) = table["Properties"]["Replicas"]
            *_, perimeter = replica["ResourcePolicy"]["PolicyDocument"]["Statement"]
            endpoints = perimeter["Condition"]["StringNotEquals"]["aws:SourceVpce"]
            named[table["Properties"]["TableName"]] = len(endpoints) if isinstance(endpoints, list) else 1
    orders, carts, reports = (next(table for table in named if name in table) for name in NAMES)
    assert passing == {
        "DataPlaneweb": [orders, carts],
        "DataPlanebatch": [carts, reports],
        "ControlPlane": [orders, carts, reports],
    }
    assert named == {orders: 1, carts: 2, reports: 1}


PLANTED: dict[str, Callable[[str], object]] = {
    "Ref": lambda name: {"Ref": name},
    "GetAtt": lambda name: {"Fn::GetAtt": [name, "Arn"]},
    "GetAtt as text": lambda name: {"Fn::GetAtt": f"{name}.Arn"},
    "inside of a text": lambda name: {"Fn::Join": ["", ["a", {"Ref": name}]]},
    "Sub": lambda name: {"Fn::Sub": f"arn:${{AWS::Partition}}:${{{name}.Arn}}"},
    "Sub with variables": lambda name: {"Fn::Sub": [f"${{{name}}}", {}]},
}


@pytest.mark.parametrize("refer", PLANTED.values(), ids=PLANTED)
def test_planted_cycle_is_found(refer: Callable[[str], object]) -> None:
    resources: dict[str, dict[str, Any]] = {
        "Table": {"Type": "T", "Properties": {"Policy": [refer("Endpoint")]}},
        "Endpoint": {"Type": "E", "DependsOn": "Key"},
        "Key": {"Type": "K", "Properties": {"Of": refer("Table")}},
        "Other": {"Type": "O", "DependsOn": ["Table", "Endpoint"]},
    }
    assert set(cycle(Template({"Resources": resources}))) == {"Table", "Endpoint", "Key"}
    del resources["Endpoint"]["DependsOn"]
    assert cycle(Template({"Resources": resources})) == []


def test_reference_in_place_of_the_known_name_would_be_a_cycle() -> None:
    app = App()
    stack = Stack(app, "One", env=HERE)
    lane = two_lanes(stack, vpc(stack)).lane("web")
    table = table_behind(stack, "Orders", lane)
    add_perimeter(table)
    lane.register(table.table_arn)
    (template,) = templates(app).values()
    assert {name.rstrip("0123456789ABCDEF") for name in cycle(template)} == {"OrdersTable", "EndpointsDataPlaneweb"}
