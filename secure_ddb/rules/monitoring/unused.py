"""Notices of unused tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.alarm import Alarm
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_CONSUMED = ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
_DAY = 24 * 60 * 60


@Rule(
    id="SecureDdb-MON18",
    title="The alarm on an unused table counts reads and writes over a day or more",
    problem="The alarm on an unused table ignores reads or writes, or comes too early",
    severity=Severity.LOW,
    requirements=("MON-3",),
    controls=nist("CM-8"),
    rationale="Relying on the alarm, someone could delete a table that is only read, or is used once a day.",
    remedy=(
        "Base the alarm on FILL(reads, 0) + FILL(writes, 0) of ConsumedReadCapacityUnits and "
        "ConsumedWriteCapacityUnits, over at least a day."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
)
def unused(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each alarm that fires while a table's consumption is zero. If there is none, a person must check."""
    for table in assembly.tables:
        watching = [each for name in _CONSUMED for each in assembly.alarms.watching_table(table, name)]
        for alarm in dict.fromkeys(alarm for alarm, _ in watching):
            if not _is_notice(alarm):
                continue
            seen = _counts(alarm, table)
            missing = [name for name in _CONSUMED if name not in seen]
            answer: Truth = all_of(not missing, alarm.seconds >= _DAY)
            detail = f"it goes off after {alarm.seconds / _DAY:g} days"
            detail += f" and ignores {' and '.join(missing)}" if missing else " without reads and writes"
            key = table.resource.logical_id
            yield judged(alarm.resource, "Properties", answer, detail, key=key, tables=[table])


def _is_notice(alarm: Alarm) -> bool:
    return alarm.rings_while(0) is not False and alarm.rings_while(1) is False


def _counts(alarm: Alarm, table: Table) -> set[str]:
    return {each.name for each in alarm.metrics if each.dimensions.get("TableName") == table.name}
