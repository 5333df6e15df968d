"""The zones of the reference VPC, as its templates have them."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from examples.network import ZONES
from tests.template import Template, text

if TYPE_CHECKING:
    from collections.abc import Iterator

TCP, EVERY_PROTOCOL = 6, -1


def subnets(template: Template, zone: str) -> dict[str, dict[str, Any]]:
    """Return the subnets of a zone: logical id to properties."""
    return {
        name: subnet["Properties"]
        for name, subnet in template.of_type("AWS::EC2::Subnet").items()
        for tag in subnet["Properties"]["Tags"]
        if tag["Key"] == "aws-cdk:subnet-name" and tag["Value"] in ZONES[zone]
    }


def acls(template: Template, subnet: str) -> list[str]:
    """Return the network ACLs of a subnet."""
    associations = template.of_type("AWS::EC2::SubnetNetworkAclAssociation").values()
    return [
        text(association["Properties"]["NetworkAclId"]).strip("<>")
        for association in associations
        if association["Properties"]["SubnetId"] == {"Ref": subnet}
    ]


def rules(template: Template, subnet: str, *, outbound: bool) -> Iterator[dict[str, Any]]:
    """Yield the rules of a subnet's network ACL in the order in which they are applied."""
    (acl,) = acls(template, subnet)
    entries = [entry["Properties"] for entry in template.of_type("AWS::EC2::NetworkAclEntry").values()]
    mine = [entry for entry in entries if entry["NetworkAclId"] == {"Ref": acl} and entry["Egress"] is outbound]
    yield from sorted(mine, key=lambda entry: int(entry["RuleNumber"]))


def passes(template: Template, subnet: str, address: str, port: int, *, outbound: bool, protocol: int = TCP) -> bool:
    """Decide as a network ACL does: the first rule that matches, and otherwise no."""
    for rule in rules(template, subnet, outbound=outbound):
        ports = rule.get("PortRange", {"From": 0, "To": 65535})
        if (
            ip_address(address) in ip_network(rule["CidrBlock"])
            and rule["Protocol"] in (protocol, EVERY_PROTOCOL)
            and ports["From"] <= port <= ports["To"]
        ):
            return bool(rule["RuleAction"] == "allow")
    return False
