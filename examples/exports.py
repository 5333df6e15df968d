"""Two tables that are exported to Amazon S3: all items every month, and each day what has changed."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import Role
from constructs import Construct

from secure_ddb import Ownership, SecureTable, SharedResources, TableExports

OWNERSHIP = Ownership(owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod")


class ExportsStack(Stack):
    """The tables, what they share, and their exports."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the tables, and one function that exports them."""
        super().__init__(scope, id, **stack_properties)
        shared = SharedResources(self, "Shared", ownership=OWNERSHIP)
        orders, carts = (
            SecureTable(
                self,
                name,
                partition_key=Attribute(name="pk", type=AttributeType.STRING),
                ownership=OWNERSHIP,
                shared_resources=shared,
            )
            for name in ("Orders", "Carts")
        )
        analysts = Role.from_role_arn(self, "Analysts", "arn:aws:iam::111122223333:role/analysts")
        TableExports(
            self,
            "Exports",
            tables={"orders": orders, "carts": carts},
            retention=Duration.days(365),
            full_every=Duration.days(30),
            incremental_every=Duration.hours(24),
            readers=[analysts],
            ownership=OWNERSHIP,
        )
