"""Subnets around the endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.access.actions import DATA_PLANE
from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, is_unknown
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_value, shown
from secure_ddb.three_valued import any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.network import Gateway
    from secure_ddb.three_valued import Truth


@Rule(
    id="SecureDdb-NET10",
    title="Subnets with a gateway endpoint have no route to an internet gateway",
    problem="A subnet with a gateway endpoint has a route to an internet gateway",
    severity=Severity.MEDIUM,
    requirements=("NET-5",),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", *nist("SC-7", "AC-4")),
    rationale=(
        "Machines in such a subnet can have public addresses, are reachable from the internet, and can reach the "
        "tables."
    ),
    remedy="Put the endpoint only on route tables of isolated or private subnets, and leave out MapPublicIpOnLaunch.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
)
def no_internet_gateway(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the routes on the route tables of each gateway endpoint, and at the subnets there."""
    for endpoint, route_tables in assembly.network.gateways:
        leads = {name: _to_internet(assembly, endpoint, name) for name in route_tables}
        if leads:
            answer = negate(any_of(leads.values()))
            odd = next((shown(name) for name, each in leads.items() if negate(each) is answer), "")
            fine, hidden = (
                "its route tables lead to no internet gateway",
                f"the templates do not show where {odd} leads",
            )
            detail = choose(answer, fine, f"{odd} leads to an internet gateway", hidden)
            yield judged(endpoint, "Properties.RouteTableIds", answer, detail)
    yield from _addresses(assembly)


def _addresses(assembly: Assembly) -> Iterator[Judgement]:
    """Judge whether instances in such a subnet get a public address; by default they do not."""
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


_ANYWHERE = {"0.0.0.0/0", "::/0"}
_EVERY_PROTOCOL = "-1"


class _Member(NamedTuple):
    """A subnet, by its id, on the route table of an endpoint that lets items pass or does not."""

    association: Resource
    subnet: str
    for_items: bool


@Rule(
    id="SecureDdb-NET11",
    title="Subnets with a gateway endpoint have a network ACL of their zone",
    problem="A subnet with a gateway endpoint has no network ACL of its zone",
    severity=Severity.MEDIUM,
    requirements=("NET-5",),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", *nist("AC-4", "SC-7")),
    rationale="A network ACL separates zones even if a security group is opened. The default ACL allows everything.",
    remedy="Give the subnets of applications one network ACL, and those of operations another.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
)
def network_acls(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the network ACL of each subnet that is on a gateway endpoint's route tables."""
    members = [member for gateway in assembly.network.gateways for member in _members(assembly, gateway)]
    zones: dict[str, set[bool]] = {}
    for member in members:
        zones.setdefault(_acl_of(assembly, member.subnet), set()).add(member.for_items)
    # A subnet has one route table, and comes through one endpoint.
    for member in {member.subnet: member for member in members}.values():
        acl = _acl_of(assembly, member.subnet)
        answer, detail = _kept_apart(assembly, member, acl, mixed=len(zones[acl]) > 1)
        subnet = assembly.find(member.subnet, member.association, kinds.SUBNET)
        path = "Properties" if subnet else "Properties.SubnetId"
        yield judged(subnet or member.association, path, answer, detail)
    for endpoint, route_tables in assembly.network.gateways:
        hidden = [name for name in route_tables if not assembly.find(name, endpoint, kinds.ROUTE_TABLE)]
        if hidden:
            detail = "the templates do not show which subnets are on its route tables"
            yield judged(endpoint, "Properties.RouteTableIds", None, detail)


def _members(assembly: Assembly, gateway: Gateway) -> Iterator[_Member]:
    policy = assembly.policies.of(gateway.endpoint, "PolicyDocument")
    for_items = any(statement.touches_actions(DATA_PLANE) for statement in policy.allowing)
    for route_table in gateway.route_tables:
        for association in assembly.network.subnets_on[route_table]:
            yield _Member(association, str(association.properties.get("SubnetId")), for_items)


def _acl_of(assembly: Assembly, subnet: str) -> str:
    return next((str(each.properties.get("NetworkAclId")) for each in assembly.network.acls_of[subnet]), "")


def _kept_apart(assembly: Assembly, member: _Member, acl: str, *, mixed: bool) -> tuple[Truth, str]:
    if is_unknown(member.subnet):
        return None, "the subnet is known only at deployment"
    if not acl:
        return False, "it has the default network ACL of its VPC, which allows everything"
    if mixed:
        return False, "subnets for items and subnets for table management share its network ACL"
    if not assembly.find(acl, member.association, kinds.NETWORK_ACL):
        return None, "its network ACL is not in the app"
    entries = [entry for entry in assembly.network.acl_entries[acl] if _lets_everything_in(entry)]
    if entries:
        return False, f"{entries[0].logical_id} allows all inbound traffic"
    unknown = any(is_unknown(entry.properties) for entry in assembly.network.acl_entries[acl])
    return None if unknown else True, "it has a network ACL of its zone"


def _lets_everything_in(entry: Resource) -> bool:
    properties = entry.properties
    return (
        str(properties.get("RuleAction")).lower() == "allow"
        and not as_bool(properties.get("Egress"))
        and str(properties.get("Protocol")) == _EVERY_PROTOCOL
        and bool(_ANYWHERE & {properties.get("CidrBlock"), properties.get("Ipv6CidrBlock")})
    )
