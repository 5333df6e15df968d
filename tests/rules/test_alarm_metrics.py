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


ACCOUNTS = [
    ("444455556666", Verdict.NOT_MET),
    ("111122223333", Verdict.MET),
    ({"Ref": "AWS::AccountId"}, Verdict.MET),
    ({"Ref": "Parameter"}, Verdict.NOT_VERIFIABLE),
]


@pytest.mark.parametrize(("account", "verdict"), ACCOUNTS)
def test_metric_of_another_account_is_not_the_table_s(account: object, verdict: Verdict) -> None:
    queries = [metric("errors", ERRORS, AccountId=account)]
    assert verdicts(watching(*queries), "SecureDdb-MON3") == {verdict}


def test_query_of_another_account_is_not_the_table_s() -> None:
    query = {"Id": "all", "Expression": 'SELECT SUM(UserErrors) FROM "AWS/DynamoDB"', "Period": 60}
    assert verdicts(watching(query), "SecureDdb-MON3") == {Verdict.MET}
    assert verdicts(watching({**query, "AccountId": "444455556666"}), "SecureDdb-MON3") == {Verdict.NOT_MET}


def test_several_queries_that_return_data_are_no_alarm() -> None:
    queries = [metric("errors", ERRORS), metric("more", ERRORS, ReturnData=True)]
    assert verdicts(watching(*queries), "SecureDdb-MON3") == {Verdict.NOT_MET}


UNITS = [
    ("Terabytes", Verdict.NOT_MET),
    ("Milliseconds", Verdict.NOT_MET),
    ("None", Verdict.NOT_MET),
    ("Count", Verdict.MET),
    ({"Ref": "Parameter"}, Verdict.NOT_VERIFIABLE),
]


@pytest.mark.parametrize(("unit", "verdict"), UNITS)
def test_alarm_with_a_unit_that_its_metric_never_has_gets_no_data(unit: object, verdict: Verdict) -> None:
    assert verdicts(changed(("UserErrors/Properties/Unit", unit)), "SecureDdb-MON3") == {verdict}
    query = metric("errors", ERRORS)
    query["MetricStat"]["Unit"] = unit
    assert verdicts(watching(query), "SecureDdb-MON3") == {verdict}


@pytest.mark.parametrize(
    ("alarm", "rule", "unit", "verdict"),
    [
        ("LatencyGetItem", "MON4", "Milliseconds", Verdict.MET),
        ("LatencyGetItem", "MON4", "Count", Verdict.NOT_MET),
        ("IteratorAge", "MON5", "Milliseconds", Verdict.MET),
        ("IteratorAge", "MON5", "Seconds", Verdict.NOT_MET),
        ("Throttled", "MON1", "Count", Verdict.MET),
        ("Throttled", "MON1", "Terabytes", Verdict.NOT_MET),
    ],
)
def test_unit_of_a_metric_is_the_documented_one(alarm: str, rule: str, unit: str, verdict: Verdict) -> None:
    found = verdicts(changed((f"{alarm}/Properties/Unit", unit)), f"SecureDdb-{rule}")
    assert verdict in found
    assert (found == {Verdict.MET}) is (verdict is Verdict.MET)


def test_an_expression_with_a_long_name_is_read_in_no_time() -> None:
    unknown = {"Fn::Sub": f"SUM([{'a' * 1000}, ${{Parameter}}])"}
    content = watching({"Id": "sum", "Expression": unknown, "ReturnData": True}, hidden("errors", ERRORS))
    assert verdicts(content, "SecureDdb-MON3") == {Verdict.NOT_MET}
