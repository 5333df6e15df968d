"""Three tables and two lanes: tiers of one VPC with gateway endpoints of their own. They share an alarm topic."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_dynamodb import (
    Attribute,
    AttributeType,
    Billing,
    GlobalSecondaryIndexPropsV2,
)
from aws_cdk.aws_ec2 import SubnetSelection
from constructs import Construct

from examples.network import Network
from secure_ddb import (
    AlarmSettings,
    DataClassification,
    DynamoDbEndpoints,
    EncryptionSettings,
    Ownership,
    SecureTable,
)

OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="payments", environment="prod")


class SharedNetworkStack(Stack):
    """A VPC in three zones, a lane for each of two tiers, and a table of each and of both."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the network and its endpoints, then the tables."""
        super().__init__(scope, id, **stack_properties)
        network = Network(self, "Network")
        endpoints = DynamoDbEndpoints(
            self,
            "Endpoints",
            vpc=network.vpc,
            lanes={
                "web": [SubnetSelection(subnet_group_name="web")],
                "batch": [SubnetSelection(subnet_group_name="batch")],
            },
            control_plane_subnets=[SubnetSelection(subnet_group_name="operations")],
            ownership=OWNERSHIP,
        )
        web, batch = endpoints.lane("web"), endpoints.lane("batch")

        payments = SecureTable(
            self,
            "Payments",
            partition_key=Attribute(name="account", type=AttributeType.STRING),
            sort_key=Attribute(name="payment", type=AttributeType.STRING),
            global_secondary_indexes=[
                GlobalSecondaryIndexPropsV2(
                    index_name="by-status", partition_key=Attribute(name="status", type=AttributeType.STRING)
                )
            ],
            billing=Billing.on_demand(max_read_request_units=2000, max_write_request_units=1000),
            classification=DataClassification.RESTRICTED,
            encryption=EncryptionSettings(rotation_period=Duration.days(180)),
            ownership=OWNERSHIP,
            endpoints=[web, batch],
        )
        SecureTable(
            self,
            "Sessions",
            partition_key=Attribute(name="session", type=AttributeType.STRING),
            time_to_live_attribute="expires",
            classification=DataClassification.INTERNAL,
            alarms=AlarmSettings(topic=payments.alarm_topic),
            ownership=OWNERSHIP,
            endpoints=web,
        )
        SecureTable(
            self,
            "Settlements",
            partition_key=Attribute(name="day", type=AttributeType.STRING),
            alarms=AlarmSettings(topic=payments.alarm_topic),
            ownership=OWNERSHIP,
            endpoints=batch,
        )
