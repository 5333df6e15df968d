"""The stack of the front end: web ACL, API, function and table, one behind the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_ec2 import SubnetSelection
from aws_cdk.aws_iam import Effect, PolicyStatement

from examples.front_end.api import APPROVED_BY, ContactApi
from examples.front_end.domain import PrivateDomain
from examples.front_end.firewall import Firewall
from examples.log_key import log_key
from examples.network import Network
from examples.vpc_function import FunctionSettings, VpcFunction, https_to_endpoints
from secure_ddb import DataClassification, DynamoDbEndpoints, Ownership, PerimeterSettings, SecureTable

if TYPE_CHECKING:
    from aws_cdk.aws_ec2 import IVpc
    from aws_cdk.aws_kms import IKey
    from constructs import Construct

    from examples.front_end.settings import FrontEndSettings

# All that the service does with the table.
_USED = ["dynamodb:GetItem", "dynamodb:PutItem"]
OWNERSHIP = Ownership(owner="customers@example.com", cost_center="CC-2077", application="contacts", environment="prod")


class FrontEndStack(Stack):
    """Contacts of customers, which nothing but the API's function reaches, from the VPC."""

    def __init__(self, scope: Construct, id: str, *, settings: FrontEndSettings, **stack_properties: Any) -> None:
        """Make it all.

        Args:
            scope: The app.
            id: Of the stack.
            settings: What the company chooses.
            stack_properties: Of the stack.
        """
        super().__init__(scope, id, **stack_properties)
        network = Network(self, "Network")
        key_of_logs = log_key(self)
        self.contacts = self._table(network.vpc)
        function = self._function(network.vpc, key_of_logs)
        front = ContactApi(self, "Front", function=function.function, settings=settings, log_key=key_of_logs)
        front.watch(self.contacts.alarm_topic.topic_arn)
        firewall = Firewall(
            self,
            "Firewall",
            countries=settings.countries,
            requests_per_address=settings.requests_per_address,
            log_key=key_of_logs,
        )
        in_front = firewall.protect("Stage", front.api.deployment_stage.stage_arn)
        # The API gets its name last, so that it cannot be reached before the web ACL is in front of it.
        PrivateDomain(self, "Domain", api=front.api, settings=settings).node.add_dependency(in_front)
        CfnOutput(self, "TableName", value=self.contacts.table_name)

    def _function(self, vpc: IVpc, key_of_logs: IKey) -> VpcFunction:
        """Make the function, which may use two actions on the table."""
        made = VpcFunction(
            self,
            "Contacts",
            handler="handle",
            environment={"TABLE": self.contacts.table_name},
            subnets=SubnetSelection(subnet_group_name="web"),
            settings=FunctionSettings(
                code=Path(__file__).parent,
                vpc=vpc,
                security_group=https_to_endpoints(self, vpc, description="Contacts: HTTPS out"),
                log_key=key_of_logs,
                alarm_topic_arn=self.contacts.alarm_topic.topic_arn,
                approved_by=APPROVED_BY,
            ),
        )
        self.contacts.grant_read_write_data(made.policy)
        made.policy.add_statements(
            PolicyStatement(
                sid="DenyWhatIsNeverNeeded",
                effect=Effect.DENY,
                not_actions=_USED,
                resources=[self.contacts.table_arn, f"{self.contacts.table_arn}/index/*"],
            )
        )
        return made

    def _table(self, vpc: IVpc) -> SecureTable:
        endpoints = DynamoDbEndpoints(
            self,
            "Endpoints",
            vpc=vpc,
            data_plane_subnets=[SubnetSelection(subnet_group_name="web")],
            control_plane_subnets=[SubnetSelection(subnet_group_name="operations")],
            ownership=OWNERSHIP,
        )
        return SecureTable(
            self,
            "Table",
            partition_key=Attribute(name="customer", type=AttributeType.STRING),
            classification=DataClassification.CONFIDENTIAL,
            ownership=OWNERSHIP,
            endpoints=endpoints,
            # No network of the company is inside: items are reached through the API only.
            perimeter=PerimeterSettings(),
        )
