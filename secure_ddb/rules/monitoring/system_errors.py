"""Errors of DynamoDB itself raise an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.landscape.alarms import DYNAMODB
from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.landscape.alarm import Alarm, Metric
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_EXPECTED = Expected(metric="SystemErrors", rings_at=10)
# DynamoDB publishes the metric for each of them, and never for a table as a whole.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
_OPERATIONS = (
    *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem"),
    *("TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for alarms on each operation on items of the table, or a query over all of them."""
    for table in assembly.tables:
        watching = assembly.alarms.watching(table.resource, DYNAMODB, _EXPECTED.metric, ("TableName", table.name))
        answers = {operation: _answer(watching, operation) for operation in _OPERATIONS}
        missing = [operation for operation, found in answers.items() if found is False]
        answer: Truth = False if missing else None if None in answers.values() else True
        of = f" of {', '.join(missing)}" if 0 < len(missing) < len(_OPERATIONS) else ""
        yield judged(table.resource, "Properties", answer, f"{_EXPECTED.metric}{of} {in_words(answer)}", tables=[table])


def _answer(watching: Sequence[tuple[Alarm, Metric]], operation: str) -> Truth:
    about = [(alarm, metric, _operation(alarm, metric, operation)) for alarm, metric in watching]
    answer = _EXPECTED.found((alarm, metric) for alarm, metric, found in about if found == operation)
    if answer is False and _EXPECTED.found((alarm, metric) for alarm, metric, found in about if is_unknown(found)):
        return None
    return answer


def _operation(alarm: Alarm, metric: Metric, operation: str) -> str:
    """Return the operation that an alarm watches: a query watches each that its condition does not leave out."""
    queries = as_list(alarm.properties.get("Metrics"))
    written = [
        alarm.properties.get("MetricName"),
        *(at(each, "MetricStat", "Metric", "MetricName") for each in queries),
    ]
    return metric.dimensions.get("Operation", "" if metric.name in written else operation)


RULE = Rule(
    id="SecureDdb-MON2",
    title="Errors of DynamoDB itself raise an alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", "NIST.800-53.r5 CA-7"),
    explanation="Requests that fail inside of DynamoDB are lost unless somebody sends them again.",
    remedy="Make alarms on SystemErrors of each operation on the table's items; one adds up ten at most.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    check=check,
)
