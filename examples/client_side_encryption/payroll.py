"""The payroll's table as client and infrastructure see it: what happens to which attribute."""

from __future__ import annotations

from typing import Any

from examples.client_side_encryption.client.branch_keys import BranchKeys
from examples.client_side_encryption.client.declaration import Action, Declaration
from examples.client_side_encryption.client.messages import EncryptionSdk
from examples.client_side_encryption.client.sealing import Sealing
from examples.client_side_encryption.client.table import EncryptedTable

PAYROLL = Declaration(
    table="payroll",
    partition_key="company",
    sort_key="employee",
    actions={
        "name": Action.ENCRYPT_AND_SIGN,
        "iban": Action.ENCRYPT_AND_SIGN,
        "salary": Action.ENCRYPT_AND_SIGN,
        "notes": Action.ENCRYPT_AND_SIGN,
        "department": Action.SIGN_ONLY,
        "starts_on": Action.SIGN_ONLY,
        "viewed_at": Action.DO_NOTHING,
    },
    # A company has some thousand account numbers, nearly all different. With 16 bits one of about 65,000 others is
    # found as well, and filtered out.
    digests={"iban": 16},
)
# Bound to branch keys, and what policies name.
KEY_STORE = "payroll-keys"


def payroll(dynamodb: Any, kms: Any, *, table: str, key_table: str, root_key_arn: str) -> EncryptedTable:
    """Return the payroll's table, for clients of boto3 and the names that the stack puts out."""
    keys = BranchKeys(dynamodb, kms, table=key_table, logical_name=KEY_STORE, root_key_arn=root_key_arn)
    return EncryptedTable(dynamodb, table, Sealing(PAYROLL, EncryptionSdk(keys.keyring()), keys.digest_key))
