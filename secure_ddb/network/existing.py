"""Endpoints that exist already, whose policy is not managed here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_ec2 import IGatewayVpcEndpoint

    from secure_ddb.context import StackEnvironment
    from secure_ddb.table_evidence import TableEvidence

_GATEWAY = "an aws_ec2.IGatewayVpcEndpoint, such as GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(...)"


@dataclass(frozen=True, kw_only=True, eq=False)
class ExistingEndpoints:
    """Endpoints that exist already, through which a table is reached.

    Their policies can neither be seen nor changed, so the summary says *not verifiable*. The owner of the endpoint has
    to name the table in its policy: docs/existing-endpoints.md shows how.

    Attributes:
        data_plane: The gateway endpoint for DynamoDB on the route tables of the application subnets.

    Raises:
        InvalidArgumentError: It is not a gateway endpoint.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """

    data_plane: IGatewayVpcEndpoint

    def __post_init__(self) -> None:
        """Reject other endpoints; those of interfaces have security groups, and gateway endpoints have none."""
        require_interface("data_plane", self.data_plane, "vpc_endpoint_id", _GATEWAY)
        implementations = [self.data_plane, *getattr(self.data_plane, "_delegates", ())]
        if any(hasattr(type(implementation), "connections") for implementation in implementations):
            reject("data_plane", self.data_plane, _GATEWAY)

    @property
    def data_plane_endpoint_ids(self) -> Sequence[str]:
        """The id of the endpoint; a token, if the endpoint is made in the app."""
        return (self.data_plane.vpc_endpoint_id,)

    def register(self, table_arn: str) -> None:
        """Do nothing: the owner of the endpoint has to name the table in its policy."""
        require_type("table_arn", table_arn, str)

    def check(self, evidence: TableEvidence, environment: StackEnvironment) -> None:
        """Record what cannot be verified, and refuse an endpoint of another Region."""
        region = self.data_plane.env.region
        if region != environment.region and not is_token(region):
            reject("endpoints", f"in {region}", f"endpoints in {environment.region}, as the table")
        evidence.not_verifiable.append("the existing gateway endpoint: its policy, and the route tables it is on")
