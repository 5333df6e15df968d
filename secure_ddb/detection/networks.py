"""Which networks are watched for rejected traffic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.errors import reject, require_interface, require_type

if TYPE_CHECKING:
    from aws_cdk.aws_ec2 import IVpc

    from secure_ddb.network.interface_endpoints import InterfaceEndpoints


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class WatchedNetwork(BriefRepr):
    """A VPC whose rejected traffic to DynamoDB raises an alarm. A flow log of rejected traffic is created for it.

    Attributes:
        vpc: The VPC, of the account and Region of the shared resources.
        interface_endpoints: Those for DynamoDB in it. Traffic that their security group rejects counts, too.

    Raises:
        InvalidArgumentError: A value has the wrong type.
    """

    vpc: IVpc
    interface_endpoints: Sequence[InterfaceEndpoints] = ()

    def __post_init__(self) -> None:
        """Check the types."""
        require_interface("vpc", self.vpc, "vpc_id", "an aws_ec2.IVpc")
        given = self.interface_endpoints
        if isinstance(given, str) or not isinstance(given, Sequence):
            reject("interface_endpoints", given, "a list of InterfaceEndpoints")
        for position, each in enumerate(given):
            # CDK's module for networks takes long to load, for which only those wait who have one.
            from secure_ddb.network.interface_endpoints import InterfaceEndpoints  # noqa: PLC0415

            require_type(f"interface_endpoints[{position}]", each, InterfaceEndpoints)


def require_networks(networks: object) -> None:
    """Reject anything but a list of networks with distinct VPCs.

    Raises:
        InvalidArgumentError: It is.
    """
    allowed = "a list of WatchedNetwork"
    if isinstance(networks, str) or not isinstance(networks, Sequence):
        reject("detection.networks", networks, allowed)
    seen: list[IVpc] = []
    for position, each in enumerate(networks):
        if not isinstance(each, WatchedNetwork):
            reject(f"detection.networks[{position}]", each, "a WatchedNetwork")
        if any(each.vpc is other for other in seen):
            reject(f"detection.networks[{position}]", each.vpc.node.path, "each VPC once")
        seen.append(each.vpc)
