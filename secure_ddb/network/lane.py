"""A lane: an application tier's own way to its tables (NET-3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.errors import reject, require_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_ec2 import CfnVPCEndpoint

    from secure_ddb.context import StackEnvironment
    from secure_ddb.network.policy import EndpointPolicy
    from secure_ddb.table_evidence import TableEvidence

# It becomes part of a construct id.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


class Lane:
    """The way of one application tier to its tables; `DynamoDbEndpoints` makes it and hands it out.

    Its endpoint names only the tables that were given this lane, so that the tiers of a VPC cannot reach each
    other's tables. Tables of all lanes are managed through one endpoint for the control plane.

    Attributes:
        name: Its name; empty where there are no lanes.
        data_plane_endpoint: Endpoint on the route tables of the tier's subnets.
        data_plane_endpoint_ids: The id of that endpoint, known at deployment.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """

    def __init__(
        self,
        name: str,
        endpoint: CfnVPCEndpoint,
        policies: tuple[EndpointPolicy, EndpointPolicy],
        environment: StackEnvironment,
    ) -> None:
        """Tie the endpoint to the policies of the data plane and of the control plane."""
        self.name = name
        self.data_plane_endpoint = endpoint
        self.data_plane_endpoint_ids: Sequence[str] = (endpoint.ref,)
        self._data_plane, self._control_plane = policies
        self._environment = environment

    def register(self, table_arn: str) -> None:
        """Let a table through both endpoints. A `SecureTable` does this for itself, with an ARN that is a text.

        Raises:
            InvalidArgumentError: The ARN is not a string, or a policy has no room for it.
        """
        require_type("table_arn", table_arn, str)
        self._data_plane.allow(table_arn, f"{table_arn}/index/*")
        self._control_plane.allow(table_arn)

    def check(self, evidence: TableEvidence, environment: StackEnvironment) -> None:  # noqa: ARG002 - nothing to say
        """Reject a table in another Region, which no request through these endpoints reaches."""
        if self._environment.region != environment.region:
            reject("endpoints", f"in {self._environment.region}", f"endpoints in {environment.region}, as the table")


def require_lane_name(name: object) -> None:
    """Reject a name that cannot be part of a construct id."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        reject("lanes", name, "names of 1 to 64 letters, digits, _ and - that start with a letter")
