"""Tables that are used from another app, another account, AppSync and Step Functions."""

from pathlib import Path
from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_appsync import Definition, DynamoDbDataSource, GraphqlApi
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption
from aws_cdk.aws_stepfunctions import DefinitionBody, JsonPath, StateMachine
from aws_cdk.aws_stepfunctions_tasks import DynamoAttributeValue, DynamoGetItem
from constructs import Construct

from secure_ddb import OtherAccounts, Ownership, SecureTable

CUSTOMER = Attribute(name="customer", type=AttributeType.STRING)
ORDER = Attribute(name="order", type=AttributeType.STRING)


class OrdersStack(Stack):
    """A table that roles of another account read and write."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table."""
        super().__init__(scope, id, **stack_properties)
        self.orders = SecureTable(
            self,
            "Orders",
            partition_key=CUSTOMER,
            sort_key=ORDER,
            ownership=Ownership(
                owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod"
            ),
            table_name="orders",
            other_accounts=OtherAccounts(
                organization_id="o-abcde12345",
                readers=["arn:aws:iam::444455556666:role/reports"],
                writers=["arn:aws:iam::444455556666:role/shop"],
            ),
        )


class ReportsStack(Stack):
    """The role of the other account, and what it may do there."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the role and let it read some attributes."""
        super().__init__(scope, id, **stack_properties)
        reports = Role(self, "Reports", role_name="reports", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
        orders = SecureTable.from_attributes(
            self,
            "Orders",
            table_name="orders",
            encryption_key=Key.from_key_arn(self, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"),
            partition_key=CUSTOMER,
            sort_key=ORDER,
            account="111122223333",
        )
        orders.grant_read_data(ManagedPolicy(self, "ReadOrders", roles=[reports]), attributes=["status"])


class IntegrationsStack(Stack):
    """Services and clients that use a table of another app of the account."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make each integration, with a role that is granted no more than it needs."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable.from_attributes(
            self,
            "Orders",
            table_name="orders",
            encryption_key=Key.from_key_arn(self, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"),
            partition_key=CUSTOMER,
            sort_key=ORDER,
        )

        resolver = Role(self, "Resolver", assumed_by=ServicePrincipal("appsync.amazonaws.com"))
        orders.grant_read_data(ManagedPolicy(self, "ResolveOrders", roles=[resolver]))
        api = GraphqlApi(
            self,
            "Api",
            name="orders",
            definition=Definition.from_file(str(Path(__file__).parent / "orders.graphql")),
        )
        # Without policy updates, or CDK would add wider grants of its own.
        DynamoDbDataSource(self, "Source", api=api, table=orders.table, service_role=resolver.without_policy_updates())

        workflow = Role(self, "Workflow", assumed_by=ServicePrincipal("states.amazonaws.com"))
        orders.grant_read_data(ManagedPolicy(self, "ReadOrders", roles=[workflow]))
        key = {
            name: DynamoAttributeValue.from_string(JsonPath.string_at(f"$.{name}")) for name in ("customer", "order")
        }
        StateMachine(
            self,
            "Machine",
            definition_body=DefinitionBody.from_chainable(DynamoGetItem(self, "GetOrder", table=orders.table, key=key)),
            role=workflow.without_policy_updates(),
        )

        exports = Bucket(
            self,
            "Exports",
            encryption=BucketEncryption.KMS,
            block_public_access=BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
        )
        exporter = Role(self, "Exporter", assumed_by=ServicePrincipal("states.amazonaws.com"))
        orders.grant_export(ManagedPolicy(self, "ExportOrders", roles=[exporter]), exports, "orders")

        client = Role(self, "Client", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
        use = ManagedPolicy(self, "UseOrders", roles=[client])
        orders.grant_read_write_data(use)
        # For clients that ask for the table's keys before they use it.
        orders.grant_describe(use)
