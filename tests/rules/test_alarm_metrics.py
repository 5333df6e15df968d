"""An alarm watches the metrics that its returned expression uses, and no others in its `Metrics`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import RESOURCES, changed, judgements, verdicts

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body

TABLE = [{"Name": "TableName", "Value": {"Ref": "Table"}}]
AGE: Body = {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage"}
# Of the account and Region, so one metric is enough for MON3.
ERRORS: Body = {"Namespace": "AWS/DynamoDB", "MetricName": "UserErrors"}
SYSTEM_ERRORS: Body = {"Namespace": "AWS/DynamoDB", "MetricName": "SystemErrors", "Dimensions": TABLE}


def metric(id: str, metric: Body, **more: Any) -> Body:
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, **more}


def hidden(id: str, what: Body) -> Body:
    return metric(id, what, ReturnData=False)


def watching(*queries: Body) -> Body:
    """Return the template whose alarm on user errors watches these metrics and expressions."""
    path = "UserErrors/Properties"
    properties = RESOURCES["UserErrors"]["Properties"]
    single = ("Namespace", "MetricName", "Dimensions", "Statistic", "Period")
    removed = [(f"{path}/{name}", None) for name in single if name in properties]
    return changed(*removed, (f"{path}/Metrics", list(queries)))


def test_an_alarm_on_a_queue_s_age_does_not_watch_unused_metrics() -> None:
    throttled: Body = {**SYSTEM_ERRORS, "MetricName": "ThrottledRequests"}
    beside = [hidden(f"m{number}", each) for number, each in enumerate((throttled, SYSTEM_ERRORS, ERRORS))]
    content = watching(metric("age", AGE, ReturnData=True), *beside)
    for name in [name for name in content["Resources"] if name.startswith(("Throttled", "SystemErrors"))]:
        del content["Resources"][name]
    for rule in ("MON1", "MON2", "MON3"):
        assert Verdict.NOT_MET in verdicts(content, f"SecureDdb-{rule}")


@pytest.mark.parametrize(
    "queries",
    [
        [metric("errors", ERRORS)],
        [metric("errors", ERRORS, ReturnData="true")],
        [hidden("errors", ERRORS), {"Id": "all", "Expression": "errors"}],
        [hidden("errors", ERRORS), {"Id": "all", "Expression": "SUM([errors, age])"}, hidden("age", AGE)],
        [
            hidden("errors", ERRORS),
            {"Id": "filled", "Expression": "FILL(errors, 0)", "ReturnData": False},
            {"Id": "all", "Expression": "SUM([filled])"},
        ],
        [hidden("errors", ERRORS), {"Id": "all", "Expression": "SUM(METRICS())"}],
        # An unused expression may compute anything.
        [metric("errors", ERRORS), {"Id": "other", "Expression": "errors * 0", "ReturnData": False}],
    ],
)
def test_metric_of_the_returned_expression_is_watched(queries: list[Body]) -> None:
    assert verdicts(watching(*queries), "SecureDdb-MON3") == {Verdict.MET}


@pytest.mark.parametrize(
    "queries",
    [
        [metric("age", AGE), hidden("errors", ERRORS)],
        [hidden("errors", ERRORS), hidden("age", AGE), {"Id": "all", "Expression": "MAX([age])"}],
        [hidden("errors", ERRORS), {"Id": "errors_of_table", "Expression": "age"}, hidden("age", AGE)],
        [
            hidden("errors", ERRORS),
            {"Id": "unused", "Expression": "errors", "ReturnData": False},
            metric("age", AGE, ReturnData=True),
        ],
        # METRICS does not include expressions.
        [
            hidden("errors", ERRORS),
            hidden("age", AGE),
            {"Id": "sum_errors", "Expression": "errors", "ReturnData": False},
            {"Id": "all", "Expression": 'SUM(METRICS("age"))'},
        ],
        # A word in a query is no id.
        [
            hidden("errors", ERRORS),
            {"Id": "all", "Expression": "SELECT MAX(Age) FROM \"AWS/SQS\" WHERE QueueName = 'errors'", "Period": 60},
        ],
    ],
)
def test_unused_metric_is_not_watched(queries: list[Body]) -> None:
    assert Verdict.NOT_MET in verdicts(watching(*queries), "SecureDdb-MON3")


def test_unknown_return_data_is_not_verifiable() -> None:
    queries = [metric("age", AGE), metric("errors", ERRORS, ReturnData={"Ref": "Parameter"})]
    assert verdicts(watching(*queries), "SecureDdb-MON3") == {Verdict.NOT_VERIFIABLE}


def test_alarm_with_an_unused_metric_of_the_table_is_not_the_table_s() -> None:
    content = watching(metric("age", AGE), hidden("errors", SYSTEM_ERRORS))
    content["Resources"]["UserErrors"]["Properties"]["AlarmActions"] = []
    assert not [
        each
        for each in judgements(content, "SecureDdb-MON7")
        if each.resource and each.resource.logical_id == "UserErrors"
    ]
