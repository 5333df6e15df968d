"""The key works, and its policy lets the table's users use it through DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_bool, is_unknown
from secure_ddb.landscape.key_permissions import account_may, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value, shown
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

_NEEDED = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
# What CloudFormation takes where a template says nothing.
_DEFAULTS: dict[str, Any] = {"Enabled": True, "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT"}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each table's key."""
    for key, tables in assembly.tables.keys.items():
        yield _setting(key, "Enabled", tables)
        yield _setting(key, _shows_kind(key), tables)._replace(key="KeyUsage")
        may = account_may(assembly, key, "dynamodb", _NEEDED)
        detail = f"through DynamoDB the account's principals {in_words(may)}"
        yield judged(key, "Properties.KeyPolicy", all_of(*may.values()), detail, key="KeyPolicy", tables=tables)


def _setting(key: Resource, name: str, tables: Sequence[Table]) -> Judgement:
    default = _DEFAULTS[name]
    if name not in key.properties:
        detail = f"{name} is not set, so it is {shown(default)}"
        return judged(key, "Properties", True, detail, key=name, tables=tables)
    value = key.properties[name]
    good = as_bool(value) if default is True else value == default
    return judged_value(key, f"Properties.{name}", value, good=good, key=name, tables=tables)


def _shows_kind(key: Resource) -> str:
    """Return which property shows that it is a key for encryption, or best that it is none."""
    other = [name for name in ("KeyUsage", "KeySpec") if key.properties.get(name, _DEFAULTS[name]) != _DEFAULTS[name]]
    return next((name for name in other if not is_unknown(key.properties[name])), (*other, "KeyUsage")[0])


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
