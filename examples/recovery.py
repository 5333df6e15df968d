"""A table whose backups are copied to another account and Region, and restored each month to test them."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from constructs import Construct

from secure_ddb import (
    BackupCopy,
    BackupCopyVault,
    BackupFrequency,
    BackupSettings,
    Ownership,
    RestoreTesting,
    SecureTable,
    VaultLock,
)

OWNERSHIP = Ownership(owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod")


class CopiesStack(Stack):
    """The vault for copies, in an account that nothing else runs in."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Let one account copy into the vault."""
        super().__init__(scope, id, **stack_properties)
        self.copies = BackupCopyVault(
            self,
            "Copies",
            ownership=OWNERSHIP,
            source_accounts=["111122223333"],
            organization_id="o-abcde12345",
            lock=VaultLock(min_retention=Duration.days(35), max_retention=Duration.days(400)),
        )


class RecoveryStack(Stack):
    """The table with its backups, and the restore tests."""

    def __init__(self, scope: Construct, id: str, *, copies: BackupCopyVault, **stack_properties: Any) -> None:
        """Copy monthly recovery points to the vault, and restore the newest one each month."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=OWNERSHIP,
            backup=BackupSettings(
                copies=[
                    BackupCopy(
                        vault=copies.vault_arn, retention=Duration.days(400), frequencies=[BackupFrequency.MONTHLY]
                    )
                ]
            ),
        )
        RestoreTesting(self, "RestoreTests", tables=[orders], topic=orders.alarm_topic, ownership=OWNERSHIP)
