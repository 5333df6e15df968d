"""The company's gateway as the default route of a VPC (NET-7).

A VPC has to be attached to a gateway before routes can lead there, so the attachment is made here as well.
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-best-design-practices.html
"""

from collections.abc import Sequence

from aws_cdk.aws_ec2 import CfnRoute, CfnTransitGatewayAttachment, CfnVPCGatewayAttachment, ISubnet, Vpc
from constructs import Construct

# What the ids of gateways begin with.
TRANSIT_GATEWAY, VIRTUAL_PRIVATE_GATEWAY = "tgw-", "vgw-"


class CompanyGateway(Construct):
    """Routes traffic for unknown networks to a transit gateway or virtual private gateway of the company."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        gateway_id: str,
        vpc: Vpc,
        attached_subnets: Sequence[ISubnet],
        routed_subnets: Sequence[ISubnet],
    ) -> None:
        """Attach the VPC, and make the routes.

        Args:
            scope: Where to make them.
            id: Construct id.
            gateway_id: The id of the gateway, `tgw-...` or `vgw-...`.
            vpc: The VPC of all subnets.
            attached_subnets: Where a transit gateway gets addresses, one subnet in each Availability Zone.
            routed_subnets: The subnets that get the default route.
        """
        super().__init__(scope, id)
        is_transit = gateway_id.startswith(TRANSIT_GATEWAY)
        if not is_transit and not gateway_id.startswith(VIRTUAL_PRIVATE_GATEWAY):
            raise ValueError(f"gateway_id is {gateway_id!r}; allowed: tgw-... or vgw-...")
        if is_transit:
            attachment: Construct = CfnTransitGatewayAttachment(
                self,
                "Attachment",
                transit_gateway_id=gateway_id,
                vpc_id=vpc.vpc_id,
                subnet_ids=[subnet.subnet_id for subnet in attached_subnets],
            )
        else:
            attachment = CfnVPCGatewayAttachment(self, "Attachment", vpc_id=vpc.vpc_id, vpn_gateway_id=gateway_id)
        for subnet in routed_subnets:
            route = CfnRoute(
                self,
                f"From{subnet.node.id}",
                route_table_id=subnet.route_table.route_table_id,
                destination_cidr_block="0.0.0.0/0",
                transit_gateway_id=gateway_id if is_transit else None,
                gateway_id=None if is_transit else gateway_id,
            )
            route.node.add_dependency(attachment)
