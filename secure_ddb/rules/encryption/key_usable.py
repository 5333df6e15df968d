"""The key works, and its policy lets the table's users use it through DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.keys import account_may, in_words
from secure_ddb.rules.permissions import both
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value
from secure_ddb.rules.values import as_bool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly

_NEEDED = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each table's key."""
    for key, tables in assembly.keys.items():
        enabled = key.properties.get("Enabled", True)
        yield judged_value(key, "Properties.Enabled", enabled, good=as_bool(enabled), key="Enabled", tables=tables)
        usage = key.properties.get("KeyUsage", "ENCRYPT_DECRYPT")
        good = usage == "ENCRYPT_DECRYPT" and key.properties.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
        yield judged_value(key, "Properties.KeyUsage", usage, good=good, key="KeyUsage", tables=tables)
        may = account_may(assembly, key, "dynamodb", _NEEDED)
        detail = f"through DynamoDB the account's principals {in_words(may)}"
        yield judged(key, "Properties.KeyPolicy", both(*may.values()), detail, key="KeyPolicy", tables=tables)


RULE = Rule(
    id="SecureDdb-ENC6",
    title="The table's users can use its key through DynamoDB",
    severity=Severity.HIGH,
    requirements=("ENC-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 SC-12"),
    explanation=(
        "DynamoDB uses the key in the name of whoever sends a request. A table whose key it cannot use for seven days "
        "is archived."
    ),
    remedy=(
        "Let the account, or the table's users, use the key for kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, "
        "kms:GenerateDataKey*, kms:DescribeKey and kms:CreateGrant with kms:ViaService dynamodb.REGION.amazonaws.com."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html",
    check=check,
)
