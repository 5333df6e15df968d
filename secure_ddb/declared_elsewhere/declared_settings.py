"""The settings in templates of tables, for constructs that watch over tables declared elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aws_cdk import Stack

from secure_ddb.context import stack_environment
from secure_ddb.errors import NotCreatedError, reject
from secure_ddb.table import SecureTable
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk.aws_dynamodb import CfnGlobalTable
    from aws_cdk.aws_kms import CfnKey
    from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class DeclaredSettings:
    """The settings in a table's template, without those that are waived or given up by an ephemeral lifecycle.

    Attributes:
        table: The table.
        recovery_days: The days of point-in-time recovery, or None if it is off.
        has_deletion_protection: Whether the table has deletion protection.
        is_audited: Whether an audit function reads the table's stream.
        is_backed_up: Whether it is in a backup plan.
        rotation_days: The days after which its key rotates; None if that cannot be seen, or no key rotates.
    """

    table: SecureTable
    recovery_days: int | None
    has_deletion_protection: bool
    is_audited: bool
    is_backed_up: bool
    rotation_days: int | None


def declared_tables(scope: Construct, tables: Sequence[SecureTable], most: int) -> list[DeclaredSettings]:
    """Return the settings in templates of tables.

    Args:
        scope: Where the construct is made that watches over them.
        tables: Its argument `tables`.
        most: How many it takes.

    Raises:
        InvalidArgumentError: They are no tables, too many, one twice, or in another account or Region.
    """
    allowed = f"1 to {most} SecureTables, each once"
    if not isinstance(tables, Sequence) or not 0 < len(tables) <= most:
        reject("tables", tables, allowed)
    here = stack_environment(scope)
    for position, table in enumerate(tables):
        if not isinstance(table, SecureTable) or any(table is other for other in tables[:position]):
            reject(f"tables[{position}]", table, allowed)
        there = stack_environment(table)
        if there.region != here.region or _differ(there.account, here.account):
            reject(f"tables[{position}]", table, f"a table of {here.region} and this account")
    return [_declared(table) for table in tables]


def _differ(one: str, other: str) -> bool:
    return one != other and not is_token(one) and not is_token(other)


def _declared(table: SecureTable) -> DeclaredSettings:
    resource = cast("CfnGlobalTable", table.table.node.default_child)
    replicas, here = Stack.of(table).resolve(resource.replicas), stack_environment(table).region
    replica = next(each for each in replicas if each["region"] == here)
    recovery = replica["pointInTimeRecoverySpecification"]
    is_recoverable = bool(recovery["pointInTimeRecoveryEnabled"])
    return DeclaredSettings(
        table=table,
        recovery_days=int(recovery["recoveryPeriodInDays"]) if is_recoverable else None,
        has_deletion_protection=bool(replica["deletionProtectionEnabled"]),
        is_audited=_exists(table, "audit_role_arn"),
        is_backed_up=_exists(table, "backup_plan"),
        rotation_days=_rotation_days(table),
    )


def _exists(table: SecureTable, attribute: str) -> bool:
    try:
        getattr(table, attribute)
    except NotCreatedError:
        return False
    return True


def _rotation_days(table: SecureTable) -> int | None:
    """Return after how many days a key rotates that this app makes; of any other, the template does not say."""
    key = cast("CfnKey | None", table.encryption_key.node.default_child)
    if key is None:
        return None
    rotates = key.enable_key_rotation
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
    default = 365
    return int(key.rotation_period_in_days or default) if rotates is True else None
