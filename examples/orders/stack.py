"""The stack of the order service: a table in the reference VPC, two functions, and a role for customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import ArnFormat, CfnOutput, RemovalPolicy, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, GlobalSecondaryIndexPropsV2
from aws_cdk.aws_ec2 import Peer, Port, SecurityGroup, SubnetSelection
from aws_cdk.aws_iam import Effect, ManagedPolicy, PolicyStatement, Role, ServicePrincipal, WebIdentityPrincipal
from aws_cdk.aws_kms import Key

from examples.network import Network
from examples.orders.function import OrderFunction
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
        self._security_group = SecurityGroup(
            self, "Functions", vpc=self._network.vpc, description="Order functions: HTTPS out", allow_all_outbound=False
        )
        # The only route out of the subnets is that to DynamoDB.
        self._security_group.add_egress_rule(Peer.any_ipv4(), Port.tcp(443), "DynamoDB by its gateway endpoint")
        self._log_key = _log_key(self)
        self._orders = self._table()
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
        service = self._function("OrderService", "service.handlers.serve", "web")
        self._orders.grant_read_write_data(service.policy)
        service.policy.add_statements(
            PolicyStatement(
                sid="DenyWhatIsNeverNeeded",
                effect=Effect.DENY,
                actions=_NEVER_NEEDED,
                resources=[self._orders.table_arn, f"{self._orders.table_arn}/index/*"],
            )
        )

    def _warehouse(self) -> None:
        warehouse = self._function("Warehouse", "service.handlers.pack", "batch")
        self._orders.grant_read_data(warehouse.policy, attributes=PACKED)
        self._orders.grant_write_data(warehouse.policy, attributes=["status", "changed_at"])

    def _customer(self) -> None:
        provider = self.format_arn(
            service="iam",
            region="",
            resource="oidc-provider",
            resource_name=PROVIDER,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        # The tag `customer` comes out of the token that the provider has signed, so nobody can choose another one.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
        signed_in = WebIdentityPrincipal(provider, {"StringEquals": {f"{PROVIDER}:aud": CLIENT}}).with_session_tags()
        policy = ManagedPolicy(self, "CustomerPolicy")
        Role(self, "Customer", assumed_by=signed_in, managed_policies=[policy])
        self._orders.grant_read_data(policy, leading_keys=LeadingKeys.principal_tag("customer"))

    def _function(self, id: str, handler: str, subnets: str) -> OrderFunction:
        return OrderFunction(
            self,
            id,
            handler=handler,
            table=self._orders,
            vpc=self._network.vpc,
            subnets=SubnetSelection(subnet_group_name=subnets),
            security_group=self._security_group,
            log_key=self._log_key,
        )


def _log_key(stack: Stack) -> Key:
    """Make the key for the logs of both functions."""
    key = Key(stack, "LogKey", enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN)
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    log_groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    encrypted_for = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}}
    key.grant_encrypt_decrypt(ServicePrincipal(f"logs.{stack.region}.amazonaws.com", conditions=encrypted_for))
    return key
