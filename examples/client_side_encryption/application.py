"""The payroll's table as the application opens it, and its branch keys as their administrators do."""

from __future__ import annotations

from typing import Any

from examples.client_side_encryption.client.branch_keys import BranchKeys
from examples.client_side_encryption.client.messages import EncryptionSdk
from examples.client_side_encryption.client.sealing import Sealing
from examples.client_side_encryption.client.table import EncryptedTable
from examples.client_side_encryption.payroll import KEY_STORE, PAYROLL


def open_payroll(dynamodb: Any, *, table: str, keys: BranchKeys) -> EncryptedTable:
    """Return the payroll's table; one object for each process, because it keeps branch keys for some minutes.

    Args:
        dynamodb: Client of boto3.
        table: Name of the table, which the stack puts out.
        keys: What `open_keys` returns.
    """
    return EncryptedTable(dynamodb, table, Sealing(PAYROLL, EncryptionSdk(keys.keyring()), keys.digest_key))


def open_keys(dynamodb: Any, kms: Any, *, table: str, root_key_arn: str) -> BranchKeys:
    """Return the branch keys.

    Args:
        dynamodb: Client of boto3.
        kms: Client of boto3.
        table: Name of the key store's table, which the stack puts out.
        root_key_arn: ARN of the root key, which the stack puts out.
    """
    return BranchKeys(dynamodb, kms, table=table, logical_name=KEY_STORE, root_key_arn=root_key_arn)
