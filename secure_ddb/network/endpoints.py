"""Gateway endpoints: one for the data plane of each lane, one for the control plane (NET-1, NET-2, NET-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aws_cdk import Lazy
from aws_cdk.aws_ec2 import CfnVPCEndpoint, IVpc, SubnetSelection
from constructs import Construct

from secure_ddb.access.actions import CONTROL_PLANE, DATA_PLANE
from secure_ddb.context import StackEnvironment, stack_environment
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.network.lane import Lane, require_lane_name
from secure_ddb.network.policy import EndpointPolicy, require_organization
from secure_ddb.network.route_tables import free_route_tables, hold_route_tables
from secure_ddb.tags.ownership import Ownership, add_tags

if TYPE_CHECKING:
    from secure_ddb.table_evidence import TableEvidence


class DynamoDbEndpoints(Construct):
    """Gateway endpoints for DynamoDB in one VPC, shared by the tables that are given this object or a lane of it.

    The endpoint of the application subnets lets only item-level actions on those tables and their indexes
    pass, the one of the operations subnets only table management on the same tables. With lanes, each has application
    subnets and an endpoint of its own. Until a table registers, every endpoint lets nothing pass.

    Attributes:
        control_plane_endpoint: Endpoint on the route tables of the operations subnets.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-ddb.html and
    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: IVpc,
        control_plane_subnets: Sequence[SubnetSelection],
        data_plane_subnets: Sequence[SubnetSelection] | None = None,
        lanes: Mapping[str, Sequence[SubnetSelection]] | None = None,
        organization_id: str | None = None,
        ownership: Ownership | None = None,
    ) -> None:
        """Make the endpoints.

        Args:
            scope: Where to make them.
            id: Construct id.
            vpc: The VPC of all subnets.
            control_plane_subnets: Where operators manage tables.
            data_plane_subnets: Where applications read and write items, if all reach the same tables.
            lanes: Otherwise the subnets of each tier by its name, such as `{"web": [...], "batch": [...]}`.
            organization_id: Lets principals of this organization pass, instead of this account only.
            ownership: Tags for the endpoints; tables tag only their own resources.

        Raises:
            InvalidArgumentError: Neither or both of data_plane_subnets and lanes are given, a selection is empty, a
                subnet has no route table that is known, or a route table would hold two endpoints for DynamoDB. An
                endpoint outside of the VPC's construct, and not made by this class, is found by AWS at deployment.
        """
        require_interface("vpc", vpc, "vpc_id", "an aws_ec2.IVpc")
        if ownership is not None:
            require_type("ownership", ownership, Ownership)
        if organization_id is not None:
            require_organization("organization_id", organization_id)
        tiers = _tiers(data_plane_subnets, lanes)
        chosen = {_argument(name): subnets for name, subnets in tiers.items()}
        route_tables = free_route_tables(vpc, {**chosen, "control_plane_subnets": control_plane_subnets})

        self._environment = stack_environment(scope)
        super().__init__(scope, id)
        self._organization_id = organization_id
        self._vpc_id = vpc.vpc_id
        policy = self._policy("AllowManagingRegisteredTables", CONTROL_PLANE)
        self._lanes = {name: self._lane(name, route_tables[_argument(name)], policy) for name in tiers}
        self.control_plane_endpoint = self._endpoint("ControlPlane", route_tables["control_plane_subnets"], policy)
        endpoints = [*(lane.data_plane_endpoint for lane in self._lanes.values()), self.control_plane_endpoint]
        hold_route_tables(self, vpc, list(zip(endpoints, route_tables.values(), strict=True)))
        if ownership is not None:
            add_tags(self, ownership.tags(self._environment.tag_keys))

    def lane(self, name: str) -> Lane:
        """Return a lane, to be given to the tables of that tier. Raises `InvalidArgumentError` if it is missing."""
        require_type("lane", name, str)
        if not name or name not in self._lanes:
            names = ", ".join(filter(None, self._lanes))
            reject("lane", name, names or "none: these endpoints were made with data_plane_subnets instead of lanes")
        return self._lanes[name]

    @property
    def data_plane_endpoint(self) -> CfnVPCEndpoint:
        """Endpoint on the route tables of the application subnets. Raises `InvalidArgumentError` with lanes."""
        return self._without_lanes().data_plane_endpoint

    @property
    def data_plane_endpoint_ids(self) -> Sequence[str]:
        """Its id, known at deployment. Raises `InvalidArgumentError` with lanes."""
        return self._without_lanes().data_plane_endpoint_ids

    def register(self, table_arn: str) -> None:
        """Let a table through both endpoints. A `SecureTable` does this for itself.

        Raises:
            InvalidArgumentError: There are lanes, the ARN is not a string, or a policy has no room for it.
        """
        self._without_lanes().register(table_arn)

    def check(self, evidence: TableEvidence, environment: StackEnvironment) -> None:
        """Reject a table in another Region, and any table if there are lanes."""
        self._without_lanes().check(evidence, environment)

    def _without_lanes(self) -> Lane:
        if "" not in self._lanes:
            choices = " or ".join(f"endpoints.lane({name!r})" for name in self._lanes)
            reject("endpoints", "one with lanes", f"the lane that may reach the table: {choices}")
        return self._lanes[""]

    def _policy(self, sid: str, actions: Sequence[str]) -> EndpointPolicy:
        return EndpointPolicy(sid, actions, self._environment, self._organization_id)

    def _lane(self, name: str, route_tables: dict[str, str], control_plane: EndpointPolicy) -> Lane:
        data_plane = self._policy("AllowItemsOfRegisteredTables", DATA_PLANE)
        endpoint = self._endpoint(f"DataPlane-{name}" if name else "DataPlane", route_tables, data_plane)
        return Lane(name, endpoint, (data_plane, control_plane), self._environment)

    def _endpoint(self, name: str, route_tables: dict[str, str], policy: EndpointPolicy) -> CfnVPCEndpoint:
        return CfnVPCEndpoint(
            self,
            name,
            vpc_id=self._vpc_id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{self._environment.region}.dynamodb",
            route_table_ids=list(route_tables),
            policy_document=Lazy.any(policy),
        )


def _tiers(
    data_plane_subnets: Sequence[SubnetSelection] | None, lanes: Mapping[str, Sequence[SubnetSelection]] | None
) -> dict[str, Sequence[SubnetSelection]]:
    """Return the application subnets by lane. Without lanes there is one, and it has no name."""
    if lanes is None:
        if data_plane_subnets is None:
            reject("data_plane_subnets", None, "a list of aws_ec2.SubnetSelection, unless lanes are given")
        return {"": data_plane_subnets}
    require_type("lanes", lanes, Mapping, "a dictionary: lane to a list of aws_ec2.SubnetSelection")
    if data_plane_subnets is not None:
        reject("lanes", list(lanes), "only without data_plane_subnets")
    if not lanes:
        reject("lanes", {}, "at least one lane")
    for name in lanes:
        require_lane_name(name)
    return dict(lanes)


def _argument(lane: str) -> str:
    return f"lanes[{lane!r}]" if lane else "data_plane_subnets"
