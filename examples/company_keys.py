"""A table under key material that the company imports, and with an HMAC key that was replaced (CS-1, CS-9)."""

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from constructs import Construct

from secure_ddb import EncryptionSettings, ImportedMaterialKey, Ownership, SecureTable

if TYPE_CHECKING:
    from aws_cdk.aws_kms import CfnKey

OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod")


class KeysStack(Stack):
    """The key, which is deployed first. Then its material is imported, and only then the table is deployed."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the key without material."""
        super().__init__(scope, id, **stack_properties)
        self.key = ImportedMaterialKey(self, "CompanyKey", ownership=OWNERSHIP)


class OrdersStack(Stack):
    """The table, whose HMAC key was replaced in 2027."""

    def __init__(self, scope: Construct, id: str, *, keys: KeysStack, **stack_properties: Any) -> None:
        """Make the table under the key of the other stack."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=OWNERSHIP,
            encryption=EncryptionSettings(key=keys.key),
        )
        # Another logical id makes another HMAC key, and keeps the one before.
        digest_key = cast("CfnKey", orders.node.find_child("AuditDigestKey"))
        digest_key.override_logical_id("OrdersAuditDigestKey2027")
