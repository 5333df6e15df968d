"""Items of persons that expire, because the company demands it of restricted tables."""

from typing import Any

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from constructs import Construct

from secure_ddb import (
    DataClassification,
    ItemRetention,
    Ownership,
    PerimeterSettings,
    SecureTable,
    TableDefaults,
    UnlimitedRetention,
)

OWNERSHIP = Ownership(owner="privacy@example.com", cost_center="CC-1042", application="customers", environment="prod")
PERSON = Attribute(name="person", type=AttributeType.STRING)


class RetentionStack(Stack):
    """A table whose items expire, and one that says why its items do not."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the tables."""
        super().__init__(scope, id, **stack_properties)
        restricted: dict[str, Any] = {
            "partition_key": PERSON,
            "ownership": OWNERSHIP,
            "classification": DataClassification.RESTRICTED,
            "perimeter": PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
        }
        SecureTable(
            self,
            "Applications",
            time_to_live_attribute="delete_at",
            item_retention=ItemRetention(longest=Duration.days(180), stated_by="DPO-7"),
            **restricted,
        )
        SecureTable(
            self,
            "Pensions",
            item_retention=UnlimitedRetention(reason="kept by law as long as the person lives", approved_by="DPO-8"),
            **restricted,
        )


def app_with_longest_retention() -> App:
    """Return an app in which restricted tables keep items for two years at most."""
    app = App()
    TableDefaults(longest_item_retention={DataClassification.RESTRICTED: Duration.days(730)}).apply_to(app)
    RetentionStack(app, "Retention", env=Environment(region="eu-central-1"))
    return app
