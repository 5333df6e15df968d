"""The stack of the order service: a table in the reference VPC, two functions with a caller each, and customers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import ArnFormat, CfnOutput, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, GlobalSecondaryIndexPropsV2
from aws_cdk.aws_ec2 import SubnetSelection
from aws_cdk.aws_iam import Effect, ManagedPolicy, PolicyStatement, Role, ServicePrincipal, WebIdentityPrincipal

from examples.log_key import log_key
from examples.network import Network
from examples.vpc_function import FunctionSettings, VpcFunction, https_to_endpoints
from secure_ddb import DynamoDbEndpoints, LeadingKeys, Ownership, PerimeterSettings, SecureTable

if TYPE_CHECKING:
    from constructs import Construct

OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod")
# Where customers sign in.
PROVIDER, CLIENT = "id.example.com", "orders"
# All of an order that the warehouse needs to know; not who pays, and how much.
PACKED = ["status", "placed_at", "lines"]
_NEVER_NEEDED = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:Scan"]


class OrdersStack(Stack):
    """Orders; a function that places them, one with which the warehouse packs them, and a role to read one's own."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the network, the table, and who uses it."""
        super().__init__(scope, id, **stack_properties)
        self._network = Network(self, "Network")
        vpc = self._network.vpc
        self._orders = self._table()
        self._functions = FunctionSettings(
            code=Path(__file__).parent,
            vpc=vpc,
            security_group=https_to_endpoints(self, vpc, description="Order functions: HTTPS out"),
            log_key=log_key(self),
            alarm_topic_arn=self._orders.alarm_topic.topic_arn,
            approved_by="SEC-161",
        )
        self._order_service()
        self._warehouse()
        self._customer()
        CfnOutput(self, "TableName", value=self._orders.table_name)

    def _table(self) -> SecureTable:
        endpoints = DynamoDbEndpoints(
            self,
            "Endpoints",
            vpc=self._network.vpc,
            data_plane_subnets=[SubnetSelection(subnet_group_name=name) for name in ("web", "batch")],
            control_plane_subnets=[SubnetSelection(subnet_group_name="operations")],
            ownership=OWNERSHIP,
        )
        customer, record, status, placed_at = (
            Attribute(name=name, type=AttributeType.STRING) for name in ("customer", "record", "status", "placed_at")
        )
        return SecureTable(
            self,
            "Orders",
            partition_key=customer,
            sort_key=record,
            global_secondary_indexes=[
                GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=status, sort_key=placed_at)
            ],
            ownership=OWNERSHIP,
            endpoints=endpoints,
            # Items are reached from those subnets and from the company's network.
            perimeter=PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
        )

    def _order_service(self) -> None:
        service = self._function("OrderService", "serve", "web")
        self._orders.grant_read_write_data(service.policy)
        service.policy.add_statements(
            PolicyStatement(
                sid="DenyWhatIsNeverNeeded",
                effect=Effect.DENY,
                actions=_NEVER_NEEDED,
                resources=[self._orders.table_arn, f"{self._orders.table_arn}/index/*"],
            )
        )
        service.invoked_by(*self._caller("Shop"))

    def _warehouse(self) -> None:
        warehouse = self._function("Warehouse", "pack", "batch")
        self._orders.grant_read_data(warehouse.policy, attributes=PACKED)
        self._orders.grant_write_data(warehouse.policy, attributes=["status", "changed_at"])
        warehouse.invoked_by(*self._caller("Staff"))

    def _customer(self) -> None:
        provider = self.format_arn(
            service="iam",
            region="",
            resource="oidc-provider",
            resource_name=PROVIDER,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        # The tag `customer` comes from the token that the provider signed, so a customer cannot choose another one.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
        signed_in = WebIdentityPrincipal(provider, {"StringEquals": {f"{PROVIDER}:aud": CLIENT}}).with_session_tags()
        policy = ManagedPolicy(self, "CustomerPolicy")
        Role(self, "Customer", assumed_by=signed_in, managed_policies=[policy])
        self._orders.grant_read_data(policy, leading_keys=LeadingKeys.principal_tag("customer"))

    def _caller(self, name: str) -> tuple[Role, ManagedPolicy]:
        """Make the role of who may invoke one function, and return it with its policy."""
        policy = ManagedPolicy(self, f"{name}Policy")
        by_task = ServicePrincipal("ecs-tasks.amazonaws.com")
        return Role(self, f"{name}Role", assumed_by=by_task, managed_policies=[policy]), policy

    def _function(self, id: str, handler: str, subnets: str) -> VpcFunction:
        return VpcFunction(
            self,
            id,
            handler=handler,
            environment={"TABLE": self._orders.table_name},
            subnets=SubnetSelection(subnet_group_name=subnets),
            settings=self._functions,
        )
