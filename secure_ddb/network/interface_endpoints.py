"""Interface endpoints for DynamoDB and its streams, for networks outside of AWS (NET-6)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from aws_cdk import Lazy
from aws_cdk.aws_ec2 import CfnVPCEndpoint, IVpc, Peer, Port, SecurityGroup, SubnetSelection
from constructs import Construct

from secure_ddb.access.actions import DATA_PLANE, STREAM_POLICY
from secure_ddb.context import StackEnvironment, stack_environment
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.network.policy import EndpointPolicy, require_organization
from secure_ddb.network.route_tables import selected_subnets
from secure_ddb.tags.ownership import Ownership, add_tags
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.table_evidence import TableEvidence


class InterfaceEndpoints(Construct):
    """Addresses of DynamoDB in a VPC, for networks that reach the VPC by VPN or Direct Connect.

    HTTPS comes in from the named networks only, and only item-level actions on the registered tables pass. There is no
    private DNS name, so clients have to name the URL of the endpoint.

    Attributes:
        security_group: Admits HTTPS from the named networks.
        data_plane_endpoint: Endpoint for items.
        stream_endpoint: Endpoint for the streams of the tables; None unless asked for.
        data_plane_endpoint_ids: The id of the endpoint for items, known at deployment.
        stream_endpoint_ids: The id of the endpoint for streams.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-interface-endpoints.html and
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: IVpc,
        subnets: Sequence[SubnetSelection],
        allowed_cidrs: Sequence[str],
        with_streams: bool = False,
        organization_id: str | None = None,
        ownership: Ownership | None = None,
    ) -> None:
        """Make the endpoints.

        Args:
            scope: Where to make them.
            id: Construct id.
            vpc: The VPC of all subnets.
            subnets: Where the endpoints get addresses, which are charged by the hour; one subnet in each
                Availability Zone.
            allowed_cidrs: The networks from which HTTPS comes in, such as `["10.20.0.0/16"]`.
            with_streams: Whether streams are read from there as well.
            organization_id: Lets principals of this organization pass, instead of this account only.
            ownership: Tags for the endpoints; tables tag only their own resources.

        Raises:
            InvalidArgumentError: A selection is empty or has two subnets of a zone, or a network is no IPv4 network, or
                all of them.
        """
        require_interface("vpc", vpc, "vpc_id", "an aws_ec2.IVpc")
        require_type("with_streams", with_streams, bool)
        if ownership is not None:
            require_type("ownership", ownership, Ownership)
        if organization_id is not None:
            require_organization("organization_id", organization_id)
        _require_networks(allowed_cidrs)
        subnet_ids = _subnet_ids(vpc, subnets)

        self._environment = stack_environment(scope)
        super().__init__(scope, id)
        self._vpc_id, self._subnet_ids = vpc.vpc_id, subnet_ids
        self.security_group = SecurityGroup(
            self,
            "SecurityGroup",
            vpc=vpc,
            description="HTTPS to DynamoDB from named networks",
            allow_all_outbound=False,
        )
        for block in allowed_cidrs:
            self.security_group.add_ingress_rule(Peer.ipv4(block), Port.tcp(443), "HTTPS from a named network")
        self._items = EndpointPolicy("AllowItemsOfRegisteredTables", DATA_PLANE, self._environment, organization_id)
        self._streams = EndpointPolicy(
            "AllowStreamsOfRegisteredTables", STREAM_POLICY, self._environment, organization_id
        )
        self.data_plane_endpoint = self._endpoint("DataPlane", "dynamodb", self._items)
        self.stream_endpoint = self._endpoint("Streams", "dynamodb-streams", self._streams) if with_streams else None
        self.data_plane_endpoint_ids: Sequence[str] = (self.data_plane_endpoint.ref,)
        self.stream_endpoint_ids: Sequence[str] = (self.stream_endpoint.ref,) if self.stream_endpoint else ()
        if ownership is not None:
            add_tags(self, ownership.tags(self._environment.tag_keys))

    def register(self, table_arn: str) -> None:
        """Let a table through, and its stream. A `SecureTable` does this for itself, with an ARN that is a text.

        Raises:
            InvalidArgumentError: The ARN is not a string, or a policy has no room for it.
        """
        require_type("table_arn", table_arn, str)
        self._items.allow(table_arn, f"{table_arn}/index/*")
        if self.stream_endpoint:
            # Of a stream's ARN only the beginning is known before the table is made.
            self._streams.allow(f"{table_arn}/stream/*")

    def check(self, evidence: TableEvidence, environment: StackEnvironment) -> None:  # noqa: ARG002 - nothing to say
        """Reject a table in another Region, which no request through these endpoints reaches."""
        if self._environment.region != environment.region:
            reject("endpoints", f"in {self._environment.region}", f"endpoints in {environment.region}, as the table")

    def _endpoint(self, name: str, service: str, policy: EndpointPolicy) -> CfnVPCEndpoint:
        return CfnVPCEndpoint(
            self,
            name,
            vpc_id=self._vpc_id,
            vpc_endpoint_type="Interface",
            service_name=f"com.amazonaws.{self._environment.region}.{service}",
            subnet_ids=self._subnet_ids,
            security_group_ids=[self.security_group.security_group_id],
            private_dns_enabled=False,
            policy_document=Lazy.any(policy),
        )


def _subnet_ids(vpc: IVpc, selections: Sequence[SubnetSelection]) -> list[str]:
    """Return the ids of the chosen subnets. AWS takes one of each Availability Zone.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    paths: dict[str, str] = {}
    zones: dict[str, str] = {}
    for subnet in selected_subnets("subnets", vpc, selections):
        path = paths.setdefault(subnet.subnet_id, subnet.node.path)
        other = zones.setdefault(subnet.availability_zone, path)
        if other != path:
            reject("subnets", path, f"one subnet of each Availability Zone: {other} is of the same one")
    return list(paths)


def _require_networks(blocks: object) -> None:
    require_type("allowed_cidrs", blocks, (list, tuple), "a list of CIDR blocks")
    assert isinstance(blocks, list | tuple)  # noqa: S101 - for the type checker
    if not blocks:
        reject("allowed_cidrs", blocks, "at least one CIDR block")
    for index, block in enumerate(blocks):
        allowed = "an IPv4 CIDR block of less than all addresses, such as 10.20.0.0/16"
        try:
            network = None if not isinstance(block, str) or is_token(block) else ipaddress.IPv4Network(block)
        except ValueError:
            network = None
        if network is None or "/" not in str(block) or network.prefixlen == 0:
            reject(f"allowed_cidrs[{index}]", block, allowed)
