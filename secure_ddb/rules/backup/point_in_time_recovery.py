"""Items can be brought back as they were at any second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each replica."""
    for table, replica in assembly.tables.replicas:
        path = f"{replica.path}.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
        value = replica.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
        yield judged_value(table.resource, path, value, good=as_bool(value), key=replica.region, tables=[table])


RULE = Rule(
    id="SecureDdb-BAK1",
    title="The table has point-in-time recovery",
    severity=Severity.HIGH,
    requirements=("BAK-1",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 CP-10", "Security Hub DynamoDB.2"),
    explanation="A faulty program or a stolen session can overwrite every item. Backups are a day old by then.",
    remedy="Set PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled to true, for each replica.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
    check=check,
    # A deleted table with point-in-time recovery leaves a system backup for 35 days.
    spares_ephemeral=True,
)
