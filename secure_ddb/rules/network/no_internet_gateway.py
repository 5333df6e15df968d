"""Where tables are reached from, nobody comes in from the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value, shown
from secure_ddb.three_valued import any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the routes on the route tables of each gateway endpoint, and at the subnets there."""
    for endpoint, route_tables in assembly.network.gateways:
        leads = {name: _to_internet(assembly, endpoint, name) for name in route_tables}
        if leads:
            answer = negate(any_of(leads.values()))
            odd = next((shown(name) for name, each in leads.items() if negate(each) is answer), "")
            detail = (
                "its route tables lead to no internet gateway"
                if answer
                else f"{odd} leads to an internet gateway"
                if answer is False
                else f"where {odd} leads, no template of the app shows"
            )
            yield judged(endpoint, "Properties.RouteTableIds", answer, detail)
    yield from _addresses(assembly)


def _addresses(assembly: Assembly) -> Iterator[Judgement]:
    """Say whether what runs in such a subnet gets a public address; by default it does not."""
    for route_table in assembly.network.gateways_on:
        for association in assembly.network.subnets_on[route_table]:
            subnet = assembly.find(association.properties.get("SubnetId"), association, kinds.SUBNET)
            if subnet:
                given = subnet.properties.get("MapPublicIpOnLaunch", False)
                yield judged_value(subnet, "Properties.MapPublicIpOnLaunch", given, good=not as_bool(given))


def _to_internet(assembly: Assembly, endpoint: Resource, route_table: str) -> Truth:
    leads = any_of(_is_internet_gateway(assembly, route) for route in assembly.network.routes[route_table])
    seen = assembly.find(route_table, endpoint, kinds.ROUTE_TABLE)
    return leads if leads or seen else None


def _is_internet_gateway(assembly: Assembly, route: Resource) -> Truth:
    gateway = route.properties.get("GatewayId")
    if is_unknown(gateway):
        return None
    return str(gateway).startswith("igw-") or assembly.find(gateway, route, kinds.INTERNET_GATEWAY) is not None


RULE = Rule(
    id="SecureDdb-NET10",
    title="Subnets with a gateway endpoint have no route to an internet gateway",
    severity=Severity.MEDIUM,
    requirements=("NET-5",),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", "NIST.800-53.r5 SC-7", "NIST.800-53.r5 AC-4"),
    explanation=(
        "What runs in such a subnet may have a public address, is reached from the internet, and reaches the tables."
    ),
    remedy=(
        "Put the endpoint on the route tables of isolated or private subnets only, and leave out MapPublicIpOnLaunch."
    ),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
    check=check,
)
