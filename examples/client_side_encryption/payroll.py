"""The payroll's table as client and infrastructure see it: what happens to which attribute."""

from __future__ import annotations

from examples.client_side_encryption.client.declaration import Action, Declaration

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
