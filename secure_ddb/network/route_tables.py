"""Route tables of chosen subnets. Each holds only one endpoint for DynamoDB.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import jsii
from aws_cdk.aws_ec2 import CfnVPCEndpoint, IVpc, SubnetSelection
from constructs import Construct, IConstruct, IValidation

from secure_ddb.errors import first_line, reject, require_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk.aws_ec2 import ISubnet

_ONLY_ONE = "a route table holds only one endpoint for DynamoDB"
# Of each app: route table to the endpoint that a `DynamoDbEndpoints` has put there.
_held: WeakKeyDictionary[IConstruct, dict[str, str]] = WeakKeyDictionary()


def free_route_tables(vpc: IVpc, chosen: Mapping[str, Sequence[SubnetSelection]]) -> dict[str, dict[str, str]]:
    """Return the route tables of some subnets: argument to route table to the path of a subnet that uses it.

    Raises:
        InvalidArgumentError: A selection is empty, a subnet has no route table that is known, or two arguments share
            one, or it has an endpoint for DynamoDB already.
    """
    found = chosen_route_tables(vpc, chosen)
    taken = {route_table: f"the endpoint {path}" for route_table, path in _endpoints_below(vpc)}
    taken |= {route_table: f"the endpoint {path}" for route_table, path in _held_in_app(vpc).items()}
    for argument, route_tables in found.items():
        for route_table, subnet in route_tables.items():
            if route_table in taken:
                reject(
                    argument,
                    subnet,
                    f"subnets with a route table of their own: {taken[route_table]} has the same one, and {_ONLY_ONE}",
                )
        taken |= {route_table: f"{subnet} of {argument}" for route_table, subnet in route_tables.items()}
    return found


def chosen_route_tables(vpc: IVpc, chosen: Mapping[str, Sequence[SubnetSelection]]) -> dict[str, dict[str, str]]:
    """Return the same, whatever else is on those route tables.

    Raises:
        InvalidArgumentError: A selection is empty, or a subnet has no route table that is known.
    """
    if vpc.select_subnets(subnets=[]).is_pending_lookup:
        # The CDK CLI looks the VPC up after this synth, and synthesizes again; until then its subnets are made up.
        return {argument: {} for argument in chosen}
    return {argument: _route_tables(argument, vpc, selections) for argument, selections in chosen.items()}


def hold_route_tables(scope: Construct, vpc: IVpc, made: Sequence[tuple[CfnVPCEndpoint, Mapping[str, str]]]) -> None:
    """Remember the route tables of new endpoints, and look again at synth, as the VPC may get others."""
    held = _held_in_app(vpc)
    subnets: dict[str, str] = {}
    for endpoint, route_tables in made:
        held |= dict.fromkeys(route_tables, endpoint.node.path)
        subnets |= route_tables
    scope.node.add_validation(_StillAlone(vpc, held, subnets))


@jsii.implements(IValidation)
class _StillAlone:
    def __init__(self, vpc: IVpc, held: Mapping[str, str], subnets: Mapping[str, str]) -> None:
        self._vpc = vpc
        self._held = held
        self._subnets = subnets

    def validate(self) -> list[str]:
        """Return the errors with which CDK fails the synth."""
        return [
            f"{path} is on the route table of {self._subnets[route_table]} as well, and {_ONLY_ONE}"
            for route_table, path in _endpoints_below(self._vpc)
            if route_table in self._subnets and path != self._held[route_table]
        ]


def _held_in_app(vpc: IVpc) -> dict[str, str]:
    return _held.setdefault(vpc.node.root, {})


def _endpoints_below(vpc: IVpc) -> Iterator[tuple[str, str]]:
    """Yield route table and path of each endpoint for DynamoDB below the VPC, where CDK creates its own."""
    for construct in vpc.node.find_all():
        if isinstance(construct, CfnVPCEndpoint) and (construct.service_name or "").endswith(".dynamodb"):
            path = construct.node.path
            yield from ((route_table, path) for route_table in construct.route_table_ids or ())


def selected_subnets(argument: str, vpc: IVpc, selections: Sequence[SubnetSelection]) -> Iterator[ISubnet]:
    """Yield the subnets of some selections. Reject other values, an empty list, and selections that find none."""
    for _, subnet in _named_subnets(argument, vpc, selections):
        yield subnet


def _named_subnets(argument: str, vpc: IVpc, selections: Sequence[SubnetSelection]) -> Iterator[tuple[str, ISubnet]]:
    """Yield the subnets with the selection that they are of, as errors name it."""
    require_type(argument, selections, (list, tuple), "a list of aws_ec2.SubnetSelection")
    if not selections:
        reject(argument, selections, "at least one aws_ec2.SubnetSelection")
    for index, selection in enumerate(selections):
        name = f"{argument}[{index}]"
        require_type(name, selection, SubnetSelection, "an aws_ec2.SubnetSelection")
        for subnet in _selected(name, vpc, selection):
            yield name, subnet


def _selected(name: str, vpc: IVpc, selection: SubnetSelection) -> list[ISubnet]:
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
    return list(subnets)


def _route_tables(argument: str, vpc: IVpc, selections: Sequence[SubnetSelection]) -> dict[str, str]:
    route_tables: dict[str, str] = {}
    for name, subnet in _named_subnets(argument, vpc, selections):
        path = subnet.node.path
        route_table = ""
        with suppress(RuntimeError):  # jsii's way to say that a required string is missing
            route_table = subnet.route_table.route_table_id
        if not route_table:
            reject(name, path, "subnets with a route table: give route_table_id when you import them")
        route_tables.setdefault(route_table, path)
    return route_tables
