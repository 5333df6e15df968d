"""The vault keeps every recovery point for a least time, and takes those that the plan makes."""

from __future__ import annotations

import math
from operator import ge, le
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_number, at
from secure_ddb.limits import MOST_BACKUP_DAYS
from secure_ddb.rules.backup.schedules import days_kept
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the lock of each vault. A job fails if its retention is below the minimum or above the maximum."""
    for vault, tables in assembly.backup.vaults.items():
        lock = vault.properties.get("LockConfiguration")
        kept = [days_kept(rule) for _, rule in assembly.backup.rules_of_vaults[vault]]
        least = min(table.floor.daily_backup for table in tables)
        for name, lowest, admits in (("MinRetentionDays", least, le), ("MaxRetentionDays", 1, ge)):
            limit = at(lock, name)
            if name == "MaxRetentionDays" and (limit is None or not isinstance(lock, dict)):
                continue
            path = f"Properties.LockConfiguration.{name}"
            days = as_number(limit)
            if days is None or not lowest <= days <= MOST_BACKUP_DAYS:
                yield judged_value(vault, path, limit, good=False, tables=tables)
            else:
                answer, of_plan = _admits_all(days, kept, admits)
                yield judged(vault, path, answer, f"{name} is {shown(limit)}{of_plan}", tables=tables)


def _admits_all(limit: float, kept: list[float | None], admits: Callable[[Any, Any], bool]) -> tuple[Truth, str]:
    refused = [days for days in kept if days is not None and not admits(limit, days)]
    if refused:
        period = "for ever" if refused[0] == math.inf else f"for {refused[0]:g} days"
        return False, f", but the plan keeps recovery points {period}"
    if None in kept:
        return None, ", and how long the plan keeps recovery points is known only at deployment"
    return True, ""


RULE = Rule(
    id="SecureDdb-BAK9",
    title="The backup vault is locked, and the plan's retention is within the lock's limits",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 SI-12"),
    explanation=(
        "Whoever may change the vault's policy can lift it. A lock also refuses recovery points that would be deleted "
        "too early or kept too long, and only its own permission lifts it, or none in compliance mode."
    ),
    remedy=(
        "Set LockConfiguration.MinRetentionDays to the shortest retention of the plan, and MaxRetentionDays, if you "
        "set it, to no less than the longest."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html",
    check=check,
)
