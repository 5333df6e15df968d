"""Gateway endpoints: one for the data plane, one for the control plane (NET-1, NET-2)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import IStableAnyProducer, Lazy, Tags
from aws_cdk.aws_ec2 import CfnVPCEndpoint, IVpc, SubnetSelection
from constructs import Construct

from secure_ddb.actions import CONTROL_PLANE, DATA_PLANE
from secure_ddb.context import StackEnvironment, stack_environment
from secure_ddb.errors import first_line, reject, require_interface, require_type
from secure_ddb.ownership import Ownership

if TYPE_CHECKING:
    from collections.abc import Sequence


class DynamoDbEndpoints(Construct):
    """Two gateway endpoints for DynamoDB in one VPC, shared by the tables that are given this object.

    The endpoint of the application subnets lets only item-level actions on those tables and their indexes
    pass, the one of the operations subnets only table management on the same tables. Until a table is
    given this object, both let nothing pass.

    Attributes:
        data_plane_endpoint: Endpoint on the route tables of the application subnets.
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
        data_plane_subnets: Sequence[SubnetSelection],
        control_plane_subnets: Sequence[SubnetSelection],
        ownership: Ownership | None = None,
    ) -> None:
        """Make both endpoints.

        Args:
            scope: Where to make them.
            id: Construct id.
            vpc: The VPC of all subnets.
            data_plane_subnets: Where applications read and write items.
            control_plane_subnets: Where operators manage tables.
            ownership: Tags for both endpoints; tables tag only what is their own.

        Raises:
            InvalidArgumentError: A selection is empty, a subnet has no route table that is known, or both
                planes share a route table, which can hold only one endpoint for DynamoDB.
        """
        require_interface("vpc", vpc, "vpc_id", "an aws_ec2.IVpc")
        if ownership is not None:
            require_type("ownership", ownership, Ownership)
        data_plane = _route_tables("data_plane_subnets", vpc, data_plane_subnets)
        control_plane = _route_tables("control_plane_subnets", vpc, control_plane_subnets)
        _refuse_shared_route_tables(data_plane, control_plane)

        self._environment = stack_environment(scope)
        super().__init__(scope, id)
        self._data_plane_policy = _EndpointPolicy("AllowItemsOfRegisteredTables", DATA_PLANE, self._environment)
        self._control_plane_policy = _EndpointPolicy("AllowManagingRegisteredTables", CONTROL_PLANE, self._environment)
        vpc_id = vpc.vpc_id
        self.data_plane_endpoint = self._endpoint("DataPlane", vpc_id, data_plane, self._data_plane_policy)
        self.control_plane_endpoint = self._endpoint("ControlPlane", vpc_id, control_plane, self._control_plane_policy)
        if ownership is not None:
            tags = Tags.of(self)
            for key, value in ownership.tags().items():
                tags.add(key, value)

    def register(self, table_arn: str) -> None:
        """Let a table through both endpoints. A `SecureTable` does this for itself.

        Raises:
            InvalidArgumentError: The ARN is not a string.
        """
        require_type("table_arn", table_arn, str)
        self._data_plane_policy.resources += [table_arn, f"{table_arn}/index/*"]
        self._control_plane_policy.resources.append(table_arn)

    def check(self, environment: StackEnvironment) -> None:
        """Refuse a table that no request through these endpoints could ever reach.

        Raises:
            InvalidArgumentError: Its stack is in another Region.
        """
        if self._environment.region != environment.region:
            reject("endpoints", f"in {self._environment.region}", f"endpoints in {environment.region}, as the table")

    def _endpoint(
        self, name: str, vpc_id: str, route_tables: dict[str, str], policy: _EndpointPolicy
    ) -> CfnVPCEndpoint:
        return CfnVPCEndpoint(
            self,
            name,
            vpc_id=vpc_id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{self._environment.region}.dynamodb",
            route_table_ids=list(route_tables),
            policy_document=Lazy.any(policy),
        )


@jsii.implements(IStableAnyProducer)
class _EndpointPolicy:
    """An endpoint's policy, written out at synth, when all tables have registered."""

    def __init__(self, sid: str, actions: Sequence[str], environment: StackEnvironment) -> None:
        self._sid = sid
        self._actions = actions
        self._environment = environment
        self.resources: list[str] = []

    def produce(self) -> Any:  # noqa: ANN401 - the type of jsii's interface
        """Return the policy document."""
        return endpoint_policy(self._sid, self._actions, self.resources, self._environment)


def endpoint_policy(
    sid: str, actions: Sequence[str], resources: Sequence[str], environment: StackEnvironment
) -> dict[str, Any]:
    """Return what an endpoint lets pass: these actions, on these tables, by this account's principals."""
    if not resources:
        # An endpoint without a policy lets everything pass.
        statement: dict[str, Any] = {
            "Sid": "DenyUntilTablesRegister",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
        }
    else:
        statement = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": "*",
            "Action": list(actions),
            "Resource": list(resources),
            "Condition": {"StringEquals": {"aws:PrincipalAccount": environment.account}},
        }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _route_tables(argument: str, vpc: IVpc, selections: Sequence[SubnetSelection]) -> dict[str, str]:
    """Return the route tables of some subnets: route table id to the path or id of a subnet that uses it."""
    require_type(argument, selections, (list, tuple), "a list of aws_ec2.SubnetSelection")
    if not selections:
        reject(argument, selections, "at least one aws_ec2.SubnetSelection")
    route_tables: dict[str, str] = {}
    for index, selection in enumerate(selections):
        name = f"{argument}[{index}]"
        require_type(name, selection, SubnetSelection, "an aws_ec2.SubnetSelection")
        for subnet, route_table in _selected(name, vpc, selection):
            route_tables.setdefault(route_table, subnet)
    return route_tables


def _selected(name: str, vpc: IVpc, selection: SubnetSelection) -> list[tuple[str, str]]:
    problem = ""
    try:
        subnets = selection.subnets or vpc.select_subnets(**selection._values).subnets  # noqa: SLF001
    except RuntimeError as error:
        problem = first_line(error)
    # Outside of the `except`, or Python would print jsii's stack trace along.
    if problem:
        reject(name, selection, f"a selection that finds subnets of the VPC ({problem})")
    if not subnets:
        reject(name, selection, "a selection that finds at least one subnet of the VPC")
    found = []
    for subnet in subnets:
        path = subnet.node.path
        route_table = ""
        with suppress(RuntimeError):  # jsii's way to say that a required string is missing
            route_table = subnet.route_table.route_table_id
        if not route_table:
            reject(name, path, "subnets with a route table: give route_table_id when you import them")
        found.append((path, route_table))
    return found


def _refuse_shared_route_tables(data_plane: dict[str, str], control_plane: dict[str, str]) -> None:
    for route_table, subnet in control_plane.items():
        if route_table in data_plane:
            reject(
                "control_plane_subnets",
                subnet,
                f"subnets with a route table of their own: {data_plane[route_table]} of data_plane_subnets has "
                "the same one, and a route table holds only one endpoint for DynamoDB",
            )
