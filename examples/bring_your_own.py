"""A table that uses a key, a VPC, a vault and a topic which exist already."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_backup import BackupVault
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_ec2 import Subnet, SubnetSelection, Vpc
from aws_cdk.aws_kms import Key
from aws_cdk.aws_sns import Topic
from constructs import Construct

from secure_ddb import (
    AlarmSettings,
    BackupSettings,
    DynamoDbEndpoints,
    EncryptionSettings,
    Ownership,
    SecureTable,
)

OWNERSHIP = Ownership(owner="billing@example.com", cost_center="CC-2077", application="invoices", environment="prod")


class BringYourOwnStack(Stack):
    """One table among resources that other teams own."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Refer to what exists, then make the table."""
        super().__init__(scope, id, **stack_properties)
        key = Key.from_key_arn(
            self, "Key", f"arn:aws:kms:{self.region}:{self.account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        )
        vault = BackupVault.from_backup_vault_name(self, "Vault", "company-vault")
        topic = Topic.from_topic_arn(self, "Topic", f"arn:aws:sns:{self.region}:{self.account}:company-alarms")
        vpc = Vpc.from_vpc_attributes(
            self, "Vpc", vpc_id="vpc-0123456789abcdef0", availability_zones=[f"{self.region}a"]
        )
        application, operations = (
            Subnet.from_subnet_attributes(
                self, name, subnet_id=f"subnet-{number}123456789abcdef0", route_table_id=f"rtb-{number}123456789abcdef0"
            )
            for number, name in enumerate(("Application", "Operations"))
        )

        SecureTable(
            self,
            "Invoices",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=OWNERSHIP,
            encryption=EncryptionSettings(key=key),
            backup=BackupSettings(vault=vault),
            alarms=AlarmSettings(topic=topic),
            endpoints=DynamoDbEndpoints(
                self,
                "Endpoints",
                vpc=vpc,
                data_plane_subnets=[SubnetSelection(subnets=[application])],
                control_plane_subnets=[SubnetSelection(subnets=[operations])],
                ownership=OWNERSHIP,
            ),
        )
