"""Slow requests raise an alarm, for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.alarms import DYNAMODB
from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_METRIC = "SuccessfulRequestLatency"
_RINGS_AT_MILLISECONDS = 1000
_STATISTICS = frozenset({"Average", "Maximum"})
# The same as those of a `SecureTable`: batches and scans take as long as they are large.
_OPERATIONS = ("GetItem", "PutItem", "Query", "UpdateItem")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on each operation of each table."""
    for table in assembly.tables:
        watching = assembly.alarms.watching(table.resource, DYNAMODB, _METRIC, ("TableName", table.name))
        for operation in _OPERATIONS:
            expected = Expected(
                metric=_METRIC,
                rings_at=_RINGS_AT_MILLISECONDS,
                dimensions=(("Operation", operation),),
                statistics=_STATISTICS,
            )
            answer = expected.found(watching)
            detail = f"latency of {operation} {in_words(answer)}"
            yield judged(table.resource, "Properties", answer, detail, key=operation, tables=[table])


RULE = Rule(
    id="SecureDdb-MON4",
    title="Slow requests raise an alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", "NIST.800-53.r5 CA-7"),
    explanation="Latency is how a table that is in trouble first shows it.",
    remedy="Make alarms on SuccessfulRequestLatency of GetItem, PutItem, Query and UpdateItem.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    check=check,
)
