"""Controls around tables that stay declared elsewhere: in the same stack, and in Terraform."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, StreamViewType, TableEncryptionV2, TableV2
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from constructs import Construct

from secure_ddb import Ownership, PerimeterSettings, TableControls

OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod")
CUSTOMER = Attribute(name="customer", type=AttributeType.STRING)


class SameStack(Stack):
    """A table that another construct library declares."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Create the table, and its controls next to it."""
        super().__init__(scope, id, **stack_properties)
        table = TableV2(
            self,
            "Orders",
            table_name="orders",
            partition_key=CUSTOMER,
            encryption=TableEncryptionV2.customer_managed_key(Key(self, "Key", enable_key_rotation=True)),
            dynamo_stream=StreamViewType.NEW_AND_OLD_IMAGES,
        )
        TableControls(
            self,
            "OrdersControls",
            table=table,
            partition_key=CUSTOMER,
            ownership=OWNERSHIP,
            perimeter=PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
        )


class ForTerraform(Stack):
    """What belongs around a table that Terraform declares."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Import the table, make its controls, and let a service read it."""
        super().__init__(scope, id, **stack_properties)
        table = TableV2.from_table_attributes(
            self,
            "Orders",
            table_arn="arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
            table_stream_arn="arn:aws:dynamodb:eu-central-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000",
            encryption_key=Key.from_key_arn(self, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"),
        )
        orders = TableControls(
            self,
            "OrdersControls",
            table=table,
            partition_key=CUSTOMER,
            ownership=OWNERSHIP,
            perimeter=PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
        )
        service = Role(self, "Service", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
        orders.grant_read_data(ManagedPolicy(self, "ReadOrders", roles=[service]))
