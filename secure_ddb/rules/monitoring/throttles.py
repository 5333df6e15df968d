"""Throttled requests raise an alarm, on the table and on each index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.alarms import DYNAMODB
from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_RINGS_AT = 50
# It counts requests of both kinds.
_OF_BOTH = "ThrottledRequests"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on each kind of request to the table, and to each of its global secondary indexes."""
    for table in assembly.tables:
        for index in ("", *table.index_names):
            for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
                answer = any_of(_has_alarm(assembly, table, index, name) for name in (metric, _OF_BOTH))
                detail = f"{metric} of index {index}" if index else metric
                key = f"{metric}-{index}" if index else metric
                detail = f"{detail} {in_words(answer)}"
                yield judged(table.resource, "Properties", answer, detail, key=key, tables=[table])


def _has_alarm(assembly: Assembly, table: Table, index: str, metric: str) -> Truth:
    watching = assembly.alarms.watching(table.resource, DYNAMODB, metric, ("TableName", table.name))
    # The table's own alarms have no dimension for an index, and see nothing of it.
    same = [pair for pair in watching if pair[1].dimensions.get("GlobalSecondaryIndexName", "") == index]
    return Expected(metric=metric, rings_at=_RINGS_AT).found(same)


RULE = Rule(
    id="SecureDdb-MON1",
    title="Throttled requests raise an alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", "NIST.800-53.r5 SI-4", "NIST.800-53.r5 CA-7", "NIST.800-53.r5 CP-2(2)"),
    explanation="A throttled table loses requests, and a throttled index the writes to its table.",
    remedy="Make alarms on ReadThrottleEvents and WriteThrottleEvents of the table and of each index.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    check=check,
)
