"""The gateway endpoints of a VPC, made for its first table and found by the others (NET-1, NET-2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aws_cdk import Stack

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.context import stack_environment
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.network.endpoints import DynamoDbEndpoints
from secure_ddb.network.policy import require_organization
from secure_ddb.network.route_tables import chosen_route_tables
from secure_ddb.tags.ownership import Ownership

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_ec2 import IVpc, SubnetSelection
    from constructs import IConstruct

    from secure_ddb.context import StackEnvironment


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class TableNetwork(BriefRepr):
    """The subnets of a VPC from which a table is used and managed.

    The first table that is given it makes `DynamoDbEndpoints` for the VPC, in the VPC's stack; further tables use the
    same ones. Their construct id depends on the VPC only, so that the order of the tables does not matter.

    Attributes:
        vpc: The VPC. Give all tables the same object: an import of it for each stack would be several.
        data_plane_subnets: Where applications read and write items.
        control_plane_subnets: Where operators manage tables.
        organization_id: Lets principals of this organization pass, instead of this account only.
        ownership: Tags for the endpoints; tables tag only their own resources.

    Raises:
        InvalidArgumentError: A value has the wrong type.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-ddb.html
    """

    vpc: IVpc
    data_plane_subnets: Sequence[SubnetSelection]
    control_plane_subnets: Sequence[SubnetSelection]
    organization_id: str | None = None
    ownership: Ownership | None = None

    def __post_init__(self) -> None:
        """Check the types; which subnets they are is looked up when a table asks."""
        require_interface("network.vpc", self.vpc, "vpc_id", "an aws_ec2.IVpc")
        for name in ("data_plane_subnets", "control_plane_subnets"):
            require_type(f"network.{name}", getattr(self, name), (list, tuple), "a list of aws_ec2.SubnetSelection")
        if self.organization_id is not None:
            require_organization("network.organization_id", self.organization_id)
        if self.ownership is not None:
            require_type("network.ownership", self.ownership, Ownership)

    def endpoints(self, environment: StackEnvironment) -> DynamoDbEndpoints:
        """Return the endpoints of the VPC for a table that is deployed there. Make them unless they exist.

        Raises:
            InvalidArgumentError: The VPC is in another Region, or its endpoints were made for other subnets, another
                organization or another owner; or `DynamoDbEndpoints` cannot be made.
        """
        stack = Stack.of(self.vpc)
        region = stack_environment(stack).region
        if region != environment.region:
            reject("network.vpc", f"in {region}", f"a VPC in {environment.region}, as the table")
        of_app = _made.setdefault(self.vpc.node.root, {})
        path = self.vpc.node.path
        if path not in of_app:
            of_app[path] = (self, self._make(stack, path))
        network, endpoints = of_app[path]
        if network is not self:
            self._require_same(network, endpoints)
        return endpoints

    def _make(self, stack: Stack, path: str) -> DynamoDbEndpoints:
        # Not below the VPC, which gives everything there its own Name tag.
        name = path.removeprefix(f"{stack.node.path}/").replace("/", "-")
        return DynamoDbEndpoints(
            stack,
            f"{name}-DynamoDbEndpoints",
            vpc=self.vpc,
            data_plane_subnets=self.data_plane_subnets,
            control_plane_subnets=self.control_plane_subnets,
            organization_id=self.organization_id,
            ownership=self.ownership,
        )

    def _require_same(self, other: TableNetwork, endpoints: DynamoDbEndpoints) -> None:
        """Reject to differ from the network that the endpoints were made for."""
        here, there = self._subnets(), other._subnets()
        for name, subnets in here.items():
            if subnets.keys() != there[name].keys():
                exist = ", ".join(sorted(there[name].values()))
                reject(
                    f"network.{name}",
                    ", ".join(sorted(subnets.values())),
                    f"the subnets of {endpoints.node.path}, which exist already for this VPC: {exist}",
                )
        for name in ("organization_id", "ownership"):
            value, exists = getattr(self, name), getattr(other, name)
            if value != exists:
                reject(f"network.{name}", value, f"as of {endpoints.node.path}, which exist already: {exists!r}")

    def _subnets(self) -> dict[str, dict[str, str]]:
        """Return which route tables are chosen, each with the path of a subnet that uses it."""
        return chosen_route_tables(
            self.vpc,
            {"data_plane_subnets": self.data_plane_subnets, "control_plane_subnets": self.control_plane_subnets},
        )


# Of each app: path of a VPC to its endpoints, and the network that they were made for.
_made: WeakKeyDictionary[IConstruct, dict[str, tuple[TableNetwork, DynamoDbEndpoints]]] = WeakKeyDictionary()
