"""An alarm is billed for each metric in it."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.cloudformation.values import unknown
from secure_ddb.cost.alarm_metrics import Billed, billed_metrics

STANDARD, HIGH, QUERY = "alarm_metric", "alarm_metric_high_resolution", "alarm_query_metric"


def statistic(name: str, period: int = 60) -> dict[str, Any]:
    return {"Id": name, "MetricStat": {"Metric": {"MetricName": name}, "Period": period, "Stat": "Sum"}}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"MetricName": "Errors", "Period": 60}, [Billed(STANDARD, 1)]),
        ({"MetricName": "Errors", "Period": 10}, [Billed(HIGH, 1)]),
        ({"Metrics": [{"Id": "sum", "Expression": "a + b"}, statistic("a"), statistic("b")]}, [Billed(STANDARD, 2)]),
        # The metric and the two bounds of its band.
        ({"Metrics": [{"Expression": "ANOMALY_DETECTION_BAND(a, 2)"}, statistic("a")]}, [Billed(STANDARD, 3)]),
        ({"Metrics": [{"Expression": "SELECT SUM(Errors) FROM X"}]}, [Billed(QUERY, 1)]),
        ({"Metrics": unknown("Metrics")}, [Billed(STANDARD, None)]),
        ({}, []),
    ],
)
def test_each_metric_counts(properties: dict[str, Any], expected: list[Billed]) -> None:
    assert billed_metrics(properties) == expected


def test_a_query_that_groups_finds_a_metric_of_each_table_that_is_used() -> None:
    query = 'SELECT AVG(SuccessfulRequestLatency) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) GROUP BY TableName'
    (billed,) = billed_metrics({"Metrics": [{"Expression": query}]}, tables=7)
    assert billed == Billed(QUERY, 7, "if every table is used this way")


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "SystemErrors", "DeliveryErrors"])
def test_a_query_on_what_was_never_counted_finds_nothing(metric: str) -> None:
    query = f'SELECT SUM({metric}) FROM SCHEMA("AWS/DynamoDB", TableName) GROUP BY TableName'
    assert billed_metrics({"Metrics": [{"Expression": query}]}, tables=7) == []
