"""A table whose guarantees are switched on again."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from constructs import Construct

from secure_ddb import Ownership, Remediation, SecureTable

OWNERSHIP = Ownership(owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod")


class RemediationStack(Stack):
    """A table and its remediation."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table, and what switches its guarantees on again."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self, "Orders", partition_key=Attribute(name="pk", type=AttributeType.STRING), ownership=OWNERSHIP
        )
        Remediation(self, "Remediation", tables=[orders], topic=orders.alarm_topic, ownership=OWNERSHIP)
