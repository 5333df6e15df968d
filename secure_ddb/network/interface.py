"""The interface between a table and its endpoints, made here or existing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from secure_ddb.errors import reject, require_type
from secure_ddb.network.endpoints import DynamoDbEndpoints
from secure_ddb.network.existing import ExistingEndpoints
from secure_ddb.network.interface_endpoints import InterfaceEndpoints
from secure_ddb.network.lane import Lane
from secure_ddb.network.table_network import TableNetwork
from secure_ddb.part import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.table_evidence import TableEvidence


class TableEndpoints(Protocol):
    """Endpoints through which a table is reached.

    `DynamoDbEndpoints` without lanes, `Lane`, `InterfaceEndpoints`, `ExistingEndpoints`.
    """

    @property
    def data_plane_endpoint_ids(self) -> Sequence[str]:
        """Ids of the endpoints that items pass, for the table's own policy; tokens, if they are made in the app."""

    def check(self, evidence: TableEvidence, environment: StackEnvironment) -> None:
        """Reject a table that no request through these endpoints could ever reach, before it is made."""

    def register(self, table_arn: str) -> None:
        """Let the table through. Its ARN refers to no resource, or the table's policy could not name the endpoints."""


def table_endpoints(given: TableEndpoints | Sequence[TableEndpoints] | None) -> tuple[TableEndpoints, ...]:
    """Return the endpoints of a table, each once. Reject other values and an empty list."""
    if given is None:
        return ()
    if not isinstance(given, list | tuple):
        require_type("endpoints", given, _KINDS, _ALLOWED)
        return (cast("TableEndpoints", given),)
    if not given:
        reject("endpoints", given, f"None, or at least one {_ALLOWED}")
    for index, one in enumerate(given):
        require_type(f"endpoints[{index}]", one, _KINDS, _ALLOWED)
    return tuple(dict.fromkeys(given))


class Endpoints(Part):
    """The endpoints through which a table is reached.

    Attributes:
        given: Each of them once.
    """

    def __init__(
        self,
        context: TableContext,
        given: TableEndpoints | Sequence[TableEndpoints] | None,
        network: TableNetwork | None,
        default_network: TableNetwork | None,
    ) -> None:
        """Reject endpoints that no request for the table could pass; make those of its network, unless they exist."""
        self.given = table_endpoints(given)
        if network is not None:
            require_type("network", network, TableNetwork, "TableNetwork or None")
            if self.given:
                reject("network", network, "only without endpoints: a TableNetwork makes its own")
        network = network or default_network
        if network is not None and not self.given:
            self.given = (network.endpoints(context.environment),)
        for each in self.given:
            each.check(context.evidence, context.environment)

    @property
    def data_plane_ids(self) -> list[str]:
        """Ids of the endpoints that items pass."""
        return [endpoint_id for each in self.given for endpoint_id in each.data_plane_endpoint_ids]

    @property
    def stream_ids(self) -> list[str]:
        """Ids of the endpoints that the table's stream is read through; gateway endpoints do not lead there."""
        interfaces = [each for each in self.given if isinstance(each, InterfaceEndpoints)]
        return [endpoint_id for each in interfaces for endpoint_id in each.stream_endpoint_ids]

    def make(self, table: MadeTable) -> None:
        """Let the table through each of them."""
        for each in self.given:
            each.register(table.literal_arn)


_KINDS = (DynamoDbEndpoints, Lane, InterfaceEndpoints, ExistingEndpoints)
_ALLOWED = "DynamoDbEndpoints, Lane, InterfaceEndpoints or ExistingEndpoints"
