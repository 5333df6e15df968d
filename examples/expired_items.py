"""A table of sessions, whose items are kept for a year after they expired."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import Role
from constructs import Construct

from secure_ddb import ExpiredItems, Ownership, SecureTable

OWNERSHIP = Ownership(owner="shop@example.com", cost_center="CC-1042", application="shop", environment="prod")


class ExpiredItemsStack(Stack):
    """The table, and what keeps its expired items."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make them."""
        super().__init__(scope, id, **stack_properties)
        sessions = SecureTable(
            self,
            "Sessions",
            partition_key=Attribute(name="session", type=AttributeType.STRING),
            time_to_live_attribute="expires",
            ownership=OWNERSHIP,
        )
        fraud_team = Role.from_role_arn(self, "FraudTeam", "arn:aws:iam::111122223333:role/fraud-team")
        ExpiredItems(
            self,
            "Expired",
            tables={"sessions": sessions},
            retention=Duration.days(365),
            readers=[fraud_team],
            ownership=OWNERSHIP,
        )
