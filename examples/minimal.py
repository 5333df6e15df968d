"""The least that a table needs, and a role that uses it."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal
from constructs import Construct

from secure_ddb import Ownership, SecureTable


class MinimalStack(Stack):
    """One table with every default."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table and let the service's role use it."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=Ownership(
                owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod"
            ),
        )

        service = Role(self, "Service", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
        # A managed policy, because auditors object to inline ones.
        orders.grant_read_write_data(ManagedPolicy(self, "UseOrders", roles=[service]))
