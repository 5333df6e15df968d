"""A table that applications in a VPC and networks outside of AWS reach, and nothing else."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_ec2 import SubnetSelection
from constructs import Construct

from examples.network import Network
from secure_ddb import DynamoDbEndpoints, InterfaceEndpoints, Ownership, PerimeterSettings, SecureTable

OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="payments", environment="prod")


class OnPremisesStack(Stack):
    """A VPC with gateway and interface endpoints, and a table behind both."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the network and its endpoints, then the table."""
        super().__init__(scope, id, **stack_properties)
        offices = ["10.20.0.0/16"]
        vpc = Network(self, "Network", company_gateway="tgw-0123456789abcdef0", company_networks=offices).vpc
        endpoints = DynamoDbEndpoints(
            self,
            "Endpoints",
            vpc=vpc,
            data_plane_subnets=[SubnetSelection(subnet_group_name="web")],
            control_plane_subnets=[SubnetSelection(subnet_group_name="operations")],
            ownership=OWNERSHIP,
        )
        interfaces = InterfaceEndpoints(
            self,
            "OnPremises",
            vpc=vpc,
            subnets=[SubnetSelection(subnet_group_name="operations")],
            allowed_cidrs=offices,
            with_streams=True,
            ownership=OWNERSHIP,
        )
        SecureTable(
            self,
            "Payments",
            partition_key=Attribute(name="payment", type=AttributeType.STRING),
            ownership=OWNERSHIP,
            endpoints=[endpoints, interfaces],
            perimeter=PerimeterSettings(),
        )
