"""The subnets from which tables are reached are security zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.actions import DATA_PLANE
from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.network import Gateway
    from secure_ddb.three_valued import Truth

_ANYWHERE = {"0.0.0.0/0", "::/0"}
_EVERY_PROTOCOL = "-1"


class _Member(NamedTuple):
    """A subnet that comes through an endpoint.

    Attributes:
        association: What associates it with the endpoint's route table.
        subnet: Its id.
        for_items: Whether items pass the endpoint.
    """

    association: Resource
    subnet: str
    for_items: bool


def check(assembly: Assembly) -> Iterator[Judgement]:
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
            detail = "which subnets are on its route tables, no template of the app shows"
            yield judged(endpoint, "Properties.RouteTableIds", None, detail)


def _members(assembly: Assembly, gateway: Gateway) -> Iterator[_Member]:
    statements = assembly.policies.of(gateway.endpoint, "PolicyDocument").statements
    for_items = any(statement.allows and statement.touches_actions(DATA_PLANE) for statement in statements)
    for route_table in gateway.route_tables:
        for association in assembly.network.subnets_on[route_table]:
            yield _Member(association, str(association.properties.get("SubnetId")), for_items)


def _acl_of(assembly: Assembly, subnet: str) -> str:
    return next((str(each.properties.get("NetworkAclId")) for each in assembly.network.acls_of[subnet]), "")


def _kept_apart(assembly: Assembly, member: _Member, acl: str, *, mixed: bool) -> tuple[Truth, str]:
    if is_unknown(member.subnet):
        return None, "which subnet it is, only the deployment knows"
    if not acl:
        return False, "it has the default network ACL of its VPC, which lets everything pass"
    if mixed:
        return False, "subnets for items and for managing tables share its network ACL"
    if not assembly.find(acl, member.association, kinds.NETWORK_ACL):
        return None, "its network ACL is not in the app"
    entries = [entry for entry in assembly.network.acl_entries[acl] if _lets_everything_in(entry)]
    if entries:
        return False, f"{entries[0].logical_id} lets everything in"
    unknown = any(is_unknown(entry.properties) for entry in assembly.network.acl_entries[acl])
    return None if unknown else True, "it has a network ACL of its zone"


def _lets_everything_in(entry: Resource) -> bool:
    said = entry.properties
    return (
        str(said.get("RuleAction")).lower() == "allow"
        and not as_bool(said.get("Egress"))
        and str(said.get("Protocol")) == _EVERY_PROTOCOL
        and bool(_ANYWHERE & {said.get("CidrBlock"), said.get("Ipv6CidrBlock")})
    )


RULE = Rule(
    id="SecureDdb-NET11",
    title="Subnets with a gateway endpoint have a network ACL of their zone",
    severity=Severity.MEDIUM,
    requirements=("NET-5",),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", "NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7"),
    explanation=(
        "Security groups can be opened by whoever deploys an application. A network ACL keeps the zones of "
        "applications and of operations apart all the same; the default one of a VPC lets everything pass."
    ),
    remedy="Give the subnets of applications a network ACL, and those of operations another one.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    check=check,
)
