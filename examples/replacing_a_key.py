"""A table whose key is replaced in three deployments (ENC-7), as docs/replacing-a-key.md says."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import Role, ServicePrincipal
from constructs import Construct

from secure_ddb import EncryptionSettings, ImportedMaterialKey, Ownership, OwnKey, SecureTable

OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod")

# Roles may use both keys; the table keeps the first.
PREPARED = EncryptionSettings(other_keys=[OwnKey(generation=2)])
# The table gets the second.
SWITCHED = EncryptionSettings(key=OwnKey(generation=2), other_keys=[OwnKey(generation=1)])
# Nothing needs the first any more.
DONE = EncryptionSettings(key=OwnKey(generation=2))


class OrdersStack(Stack):
    """The table, and a role that reads it."""

    def __init__(self, scope: Construct, id: str, *, encryption: EncryptionSettings, **stack_properties: Any) -> None:
        """Make the table with the key of one of the deployments."""
        super().__init__(scope, id, **stack_properties)
        self.orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=OWNERSHIP,
            encryption=encryption,
        )
        self.orders.grant_read_data(Role(self, "Reader", assumed_by=ServicePrincipal("lambda.amazonaws.com")))


class CompanyKeysStack(Stack):
    """The keys of a table under imported material: the one in use, and the one that replaces it."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make both keys without material."""
        super().__init__(scope, id, **stack_properties)
        self.key = ImportedMaterialKey(self, "CompanyKey", ownership=OWNERSHIP)
        self.next_key = ImportedMaterialKey(self, "CompanyKey2027", ownership=OWNERSHIP)

    def deployments(self) -> list[EncryptionSettings]:
        """Return the table's settings for each of the three deployments."""
        return [
            EncryptionSettings(key=self.key, other_keys=[self.next_key]),
            EncryptionSettings(key=self.next_key, other_keys=[self.key]),
            EncryptionSettings(key=self.next_key),
        ]
