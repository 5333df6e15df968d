"""Drift of the stacks of an app, looked for once a day."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from constructs import Construct

from secure_ddb import DriftDetection, Ownership, SecureTable

OWNERSHIP = Ownership(owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod")


class DriftStack(Stack):
    """A table, and what looks for drift of its stack."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table, and the daily look at this stack."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self, "Orders", partition_key=Attribute(name="pk", type=AttributeType.STRING), ownership=OWNERSHIP
        )
        DriftDetection(self, "Drift", stacks=[self], topic=orders.alarm_topic, ownership=OWNERSHIP)
