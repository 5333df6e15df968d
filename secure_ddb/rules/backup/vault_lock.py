"""The vault keeps every recovery point for a least time, whatever the plan says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value
from secure_ddb.rules.values import as_number, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the lock of each vault."""
    path = "Properties.LockConfiguration.MinRetentionDays"
    for vault, tables in assembly.vaults.items():
        days = at(vault.properties, "LockConfiguration", "MinRetentionDays")
        least = min(table.floor.daily_backup for table in tables)
        # A job that wants to keep its recovery point for less fails.
        kept = (as_number(at(rule, "Lifecycle", "DeleteAfterDays")) for _, rule in assembly.rules_of_vaults[vault])
        most = min((end for end in kept if end is not None), default=math.inf)
        yield judged_value(vault, path, days, good=least <= (as_number(days) or 0) <= most, tables=tables)


RULE = Rule(
    id="SecureDdb-BAK9",
    title="The backup vault is locked, for no longer than its plan keeps recovery points",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 SI-12"),
    explanation=(
        "Whoever may change the vault's policy can lift it. A lock also refuses recovery points that would be deleted "
        "too early, and only its own permission lifts it, or none in compliance mode."
    ),
    remedy="Set LockConfiguration.MinRetentionDays to the shortest retention of the plan.",
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html",
    check=check,
)
