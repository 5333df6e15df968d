"""Grants on a table: all items, some attributes, some items, or only its management."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, GlobalSecondaryIndexPropsV2
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal
from constructs import Construct

from secure_ddb import IdentityProviderMfa, LeadingKeys, Ownership, SecureTable


class GrantsStack(Stack):
    """One table of several tenants, four roles, and a policy for people of IAM Identity Center."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table, the roles and what they are granted."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="tenant", type=AttributeType.STRING),
            sort_key=Attribute(name="order", type=AttributeType.STRING),
            global_secondary_indexes=[
                GlobalSecondaryIndexPropsV2(
                    index_name="by-courier", partition_key=Attribute(name="courier", type=AttributeType.STRING)
                )
            ],
            ownership=Ownership(
                owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod"
            ),
        )
        tenant, support, courier, operator = (
            ManagedPolicy(
                self, f"{name}Policy", roles=[Role(self, name, assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))]
            )
            for name in ("Tenant", "Support", "Courier", "Operator")
        )

        # The items whose partition key is the tag `tenant` of the role's session.
        orders.grant_read_write_data(tenant, leading_keys=LeadingKeys.principal_tag("tenant"))
        # These two attributes of every item, and the key attributes, which every request names.
        orders.grant_read_data(support, attributes=["status", "ordered_at"])
        # Both limits at once: one attribute of one tenant's items.
        orders.grant_write_data(courier, attributes=["status"], leading_keys=LeadingKeys.values(["example.com"]))
        # One index, and of it the items whose partition key there is a tag of the session.
        own = LeadingKeys.principal_tag("courier")
        orders.grant_read_data(courier, attributes=["status"], index="by-courier", leading_keys=own)
        # Everything but items, and only with MFA.
        orders.grant_control_plane(operator)

        federated = ManagedPolicy(self, "FederatedOperatorPolicy", managed_policy_name="ManageOrders")
        # The same in sessions of IAM Identity Center; the ticket states that it requires MFA.
        mfa = IdentityProviderMfa(permission_set="Operators", stated_by="SEC-151")
        orders.grant_control_plane(federated, mfa=mfa)
