"""The stack of the front end: web ACL, API, function and table, one behind the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import ArnFormat, CfnOutput, RemovalPolicy, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_ec2 import SubnetSelection
from aws_cdk.aws_iam import ServicePrincipal
from aws_cdk.aws_kms import Key

from examples.front_end.api import ContactApi
from examples.front_end.domain import PrivateDomain
from examples.front_end.firewall import Firewall
from examples.front_end.function import ContactFunction
from examples.network import Network
from secure_ddb import DataClassification, DynamoDbEndpoints, Ownership, PerimeterSettings, SecureTable

if TYPE_CHECKING:
    from aws_cdk.aws_ec2 import IVpc
    from constructs import Construct

    from examples.front_end.settings import FrontEndSettings

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
        log_key = _log_key(self)
        self.contacts = self._table(network.vpc)
        function = ContactFunction(
            self,
            "Contacts",
            table=self.contacts,
            vpc=network.vpc,
            subnets=SubnetSelection(subnet_group_name="web"),
            log_key=log_key,
        )
        front = ContactApi(self, "Front", function=function.function, settings=settings, log_key=log_key)
        firewall = Firewall(
            self,
            "Firewall",
            countries=settings.countries,
            requests_per_address=settings.requests_per_address,
            log_key=log_key,
        )
        in_front = firewall.protect("Stage", front.api.deployment_stage.stage_arn)
        # The API gets its name last, so that nobody reaches it before the web ACL is in front of it.
        PrivateDomain(self, "Domain", api=front.api, settings=settings).node.add_dependency(in_front)
        CfnOutput(self, "TableName", value=self.contacts.table_name)

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


def _log_key(stack: Stack) -> Key:
    """Make the key for the logs of function, API and web ACL."""
    key = Key(stack, "LogKey", enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN)
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    log_groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    encrypted_for = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}}
    key.grant_encrypt_decrypt(ServicePrincipal(f"logs.{stack.region}.amazonaws.com", conditions=encrypted_for))
    return key
