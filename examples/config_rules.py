"""Controls on tables at deployment, and after it with AWS Config."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from constructs import Construct

from secure_ddb import HookMode, Ownership, SecureTable, SharedResources, TableConfigRules, TableHook

OWNERSHIP = Ownership(owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod")


class ConfigRulesStack(Stack):
    """A table, rules of AWS Config on it, and a Hook on all tables of the account and Region."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table, the rules and the Hook."""
        super().__init__(scope, id, **stack_properties)
        shared = SharedResources(self, "Shared", ownership=OWNERSHIP)
        orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=OWNERSHIP,
            shared_resources=shared,
        )
        TableConfigRules(self, "ConfigRules", tables=[orders], topic=shared.alarm_topic)
        TableHook(self, "Hook", ownership=OWNERSHIP, mode=HookMode.FAIL, except_stacks=["integration-tests"])
