"""Where traffic goes that is for no known network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock")
_EVERYWHERE = {"0.0.0.0/0", "::/0"}
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-route.html
_COMPANY = ("TransitGatewayId", "CoreNetworkArn", "LocalGatewayId")
_INTERNET = ("NatGatewayId", "EgressOnlyInternetGatewayId", "CarrierGatewayId")


@Rule(
    id="SecureDdb-NET13",
    title="Subnets with a gateway endpoint have no default route, or one to the company's gateway",
    problem="A subnet with a gateway endpoint has a default route that bypasses the company's gateway",
    severity=Severity.MEDIUM,
    requirements=("NET-7",),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", *nist("SC-7", "AC-4")),
    rationale=(
        "Traffic through a NAT or internet gateway of the VPC bypasses the company's controls, and can carry data "
        "read from a table."
    ),
    remedy="Remove the default route, or point it to the company's transit gateway or virtual private gateway.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html",
)
def default_route(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the default routes on the route tables of each gateway endpoint."""
    for endpoint, route_tables in assembly.network.gateways:
        if not route_tables:
            continue
        hidden = [name for name in route_tables if not assembly.find(name, endpoint, kinds.ROUTE_TABLE)]
        routes = [route for name in route_tables for route in _default_routes(assembly, name)]
        answer = all_of(*(_to_company(assembly, route) for route in routes), *(None for _ in hidden))
        detail = (
            "a default route bypasses the company's gateway"
            if answer is False
            else "the templates do not show where its default routes lead"
            if answer is None
            else "its default routes lead to the company's gateway"
            if routes
            else "its route tables have no default route"
        )
        yield judged(endpoint, "Properties.RouteTableIds", answer, detail)


def _default_routes(assembly: Assembly, route_table: str) -> list[Resource]:
    """Return the default routes, and those whose destination is not known."""
    return [
        route
        for route in assembly.network.routes[route_table]
        if any(
            is_unknown(to) or (isinstance(to, str) and to in _EVERYWHERE)
            for to in map(route.properties.get, _DESTINATIONS)
        )
    ]


def _to_company(assembly: Assembly, route: Resource) -> Truth:
    properties = route.properties
    if any(map(properties.get, _INTERNET)):
        return None if _destination_is_unknown(route) else False
    if any(map(properties.get, _COMPANY)):
        return True
    gateway = properties.get("GatewayId")
    if gateway is None or is_unknown(gateway):
        # An address of an appliance or a firewall endpoint: templates do not show what is behind it.
        return None
    if str(gateway).startswith("vgw-") or assembly.find(gateway, route, kinds.VPN_GATEWAY):
        return True
    internet = str(gateway).startswith("igw-") or assembly.find(gateway, route, kinds.INTERNET_GATEWAY)
    return False if internet and not _destination_is_unknown(route) else None


def _destination_is_unknown(route: Resource) -> bool:
    return any(is_unknown(to) for to in map(route.properties.get, _DESTINATIONS))
