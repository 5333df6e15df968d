"""A table in two Regions, and an application in one: `python -m examples.regions` checks and synthesizes them.

This is how it looks in the end. docs/regions.md says how to deploy it in two steps.
"""

from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import Role, ServicePrincipal
from constructs import Construct

from secure_ddb import Ownership, ReplicaSettings, SecureTable
from secure_ddb.synthesis.app import checked_app


class OrdersStack(Stack):
    """The table, in the stack's Region and in Ireland."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table with its replica."""
        super().__init__(scope, id, **stack_properties)
        self.orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="order", type=AttributeType.STRING),
            ownership=Ownership(
                owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod"
            ),
            replicas=[ReplicaSettings("eu-west-1")],
        )


class IrelandStack(Stack):
    """The application that takes over if the table's own Region is lost."""

    def __init__(self, scope: Construct, id: str, *, orders: SecureTable, **stack_properties: Any) -> None:
        """Make its role, which uses the table in its own Region only."""
        super().__init__(scope, id, **stack_properties)
        self.role = Role(self, "Orders", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
        orders.replica("eu-west-1").grant_read_write_data(self.role)


def app_in_two_regions(app: App | None = None) -> App:
    """Return an app with the table and an application in Ireland."""
    app = app or App()
    table = OrdersStack(app, "Orders", env=Environment(region="eu-central-1"), termination_protection=True)
    ireland = Environment(region="eu-west-1")
    IrelandStack(app, "OrdersIreland", orders=table.orders, env=ireland, termination_protection=True)
    return app


if __name__ == "__main__":
    app_in_two_regions(checked_app()).synth()
