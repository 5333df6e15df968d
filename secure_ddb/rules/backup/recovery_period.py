"""Point-in-time recovery reaches back far enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool, as_number
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_DEFAULT_DAYS = 35


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each replica that has point-in-time recovery."""
    for table, replica in assembly.tables.replicas:
        if not as_bool(replica.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")):
            continue
        days = replica.at("PointInTimeRecoverySpecification", "RecoveryPeriodInDays")
        days = _DEFAULT_DAYS if days is None else days
        good = table.floor.recovery_period <= (as_number(days) or 0) <= _DEFAULT_DAYS
        path = f"{replica.path}.PointInTimeRecoverySpecification.RecoveryPeriodInDays"
        yield judged_value(table.resource, path, days, good=good, key=replica.region, tables=[table])


RULE = Rule(
    id="SecureDdb-BAK2",
    title="Point-in-time recovery reaches back as far as the data's classification demands",
    severity=Severity.MEDIUM,
    requirements=("BAK-1",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 SI-12"),
    explanation="Damage that is noticed later than the period reaches back can be repaired from backups only.",
    remedy="Leave RecoveryPeriodInDays out, which means 35, or set it to what the classification demands.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
    check=check,
)
