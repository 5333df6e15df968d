"""An alarm on a query that returns a series for each table watches every table, and each by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import RESOURCES, changed, verdicts

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body

BY_TABLE = "GROUP BY TableName"


def queried(prefix: str, *expressions: str) -> Body:
    """Return the template whose alarms with a prefix are replaced by one for each query."""
    names = [name for name, each in RESOURCES.items() if name.startswith(prefix) and each["Type"].endswith("::Alarm")]
    assert names
    like = RESOURCES[names[0]]["Properties"]
    kept = {name: like[name] for name in ("AlarmActions", "EvaluationPeriods", "Threshold", "ComparisonOperator")}
    alarms = [
        (
            f"Queried{number}",
            {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    **kept,
                    "TreatMissingData": "notBreaching",
                    "Metrics": [{"Id": "q", "Expression": expression, "Period": 60, "ReturnData": True}],
                },
            },
        )
        for number, expression in enumerate(expressions)
    ]
    return changed(*((name, None) for name in names), *alarms)


SYSTEM_ERRORS = 'SELECT SUM(SystemErrors) FROM SCHEMA("AWS/DynamoDB", Operation, TableName)'


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        (f"{SYSTEM_ERRORS} {BY_TABLE}", Verdict.MET),
        (f"{SYSTEM_ERRORS} GROUP BY Operation, TableName", Verdict.MET),
        # Of one other table.
        (f"{SYSTEM_ERRORS} WHERE TableName = 'other' {BY_TABLE}", Verdict.NOT_MET),
        # One operation of each.
        (f"{SYSTEM_ERRORS} WHERE Operation = 'GetItem' {BY_TABLE}", Verdict.NOT_MET),
        # Leaves operations or tables out in a way that is not looked into.
        (f"{SYSTEM_ERRORS} WHERE Operation != 'GetItem' {BY_TABLE}", Verdict.NOT_MET),
        (f"{SYSTEM_ERRORS} {BY_TABLE} ORDER BY SUM() DESC LIMIT 1", Verdict.NOT_MET),
        # DynamoDB publishes nothing with these dimensions.
        (f'SELECT SUM(SystemErrors) FROM SCHEMA("AWS/DynamoDB", TableName) {BY_TABLE}', Verdict.NOT_MET),
    ],
)
def test_query_over_all_tables(expression: str, verdict: Verdict) -> None:
    assert verdict in verdicts(queried("SystemErrors", expression), "SecureDdb-MON2")


def test_query_of_tables_sees_nothing_of_indexes() -> None:
    of_tables = [
        f'SELECT SUM({kind}ThrottleEvents) FROM SCHEMA("AWS/DynamoDB", TableName) {BY_TABLE}'
        for kind in ("Read", "Write")
    ]
    of_indexes = [
        f'SELECT SUM({kind}ThrottleEvents) FROM SCHEMA("AWS/DynamoDB", GlobalSecondaryIndexName, TableName) '
        "GROUP BY GlobalSecondaryIndexName, TableName"
        for kind in ("Read", "Write")
    ]
    assert verdicts(queried("Throttled", *of_tables, *of_indexes), "SecureDdb-MON1") == {Verdict.MET}
    assert Verdict.NOT_MET in verdicts(queried("Throttled", *of_indexes), "SecureDdb-MON1")


@pytest.mark.parametrize(
    ("function", "verdict"), [("AVG", Verdict.MET), ("MAX", Verdict.MET), ("MIN", Verdict.NOT_MET)]
)
def test_query_of_latency_shows_slow_requests(function: str, verdict: Verdict) -> None:
    expressions = [
        f'SELECT {function}(SuccessfulRequestLatency) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) '
        f"WHERE Operation = '{operation}' {BY_TABLE}"
        for operation in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    ]
    assert verdicts(queried("Latency", *expressions), "SecureDdb-MON4") == {verdict}
