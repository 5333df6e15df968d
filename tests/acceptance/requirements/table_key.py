"""DynamoDB: use of the table's key by the deploying role and by each grantee."""

from __future__ import annotations

from tests.acceptance.requirement import Context, Moment, Requirement
from tests.policies.requests.key_use import ACCOUNT, NARROW_TABLE, TABLE, THROUGH_DYNAMODB

# Callers need these on a customer managed key, through DynamoDB.
_USAGE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"
_FOR_SERVICE: Context = {"kms:GrantIsForAWSResource": "true"}
_READ = ("kms:Decrypt",)
_WRITE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")
_READERS = ("AllReader", "StatusReader", "TenantReader", "TenantTotalReader")
_WRITERS = ("AllWriter", "StatusWriter", "StatusEditor", "UserWriter", "NamedEditor", "TenantTotalWriter")


def _deploying(actions: tuple[str, ...], context: Context) -> Requirement:
    return Requirement(
        service="Amazon DynamoDB",
        moment=Moment.CREATION,
        who="deployment",
        actions=actions,
        on="key",
        context=context,
        source=_USAGE,
        configurations=("minimal", "everything", "enforced", "own_key", "ephemeral"),
    )


def _granted(role: str, configuration: str, table: str, actions: tuple[str, ...]) -> Requirement:
    return Requirement(
        service="Amazon DynamoDB",
        moment=Moment.RUN_TIME,
        who=role,
        actions=actions,
        on="key",
        context={**THROUGH_DYNAMODB, TABLE: table, ACCOUNT: "111122223333"},
        source=_USAGE,
        configurations=(configuration,),
    )


TABLE_KEY = (
    _deploying((*_WRITE, "kms:DescribeKey"), dict(THROUGH_DYNAMODB)),
    # DynamoDB keeps a grant on the key, which it works with in the background.
    _deploying(("kms:CreateGrant",), {**THROUGH_DYNAMODB, **_FOR_SERVICE}),
    *(_granted(role, "narrow_grants", NARROW_TABLE, _READ) for role in _READERS),
    *(_granted(role, "narrow_grants", NARROW_TABLE, _WRITE) for role in _WRITERS),
    _granted("Reader", "everything", "orders-prod", _READ),
    *(_granted(role, "everything", "orders-prod", _WRITE) for role in ("Writer", "Both")),
)
