"""Errors of DynamoDB itself raise an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.relations.alarms import DYNAMODB
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly

_EXPECTED = Expected(metric="SystemErrors", rings_at=10)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on any operation of the table, or a query over all of them."""
    for table in assembly.tables:
        watching = assembly.watching(table.resource, DYNAMODB, _EXPECTED.metric, ("TableName", table.name))
        answer = _EXPECTED.found(watching)
        yield judged(table.resource, "Properties", answer, f"{_EXPECTED.metric} {in_words(answer)}", tables=[table])


RULE = Rule(
    id="SecureDdb-MON2",
    title="Errors of DynamoDB itself raise an alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", "NIST.800-53.r5 CA-7"),
    explanation="Requests that fail inside of DynamoDB are lost unless somebody sends them again.",
    remedy="Make an alarm on SystemErrors of the table.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    check=check,
)
