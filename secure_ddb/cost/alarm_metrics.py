"""How many metrics of an alarm are billed.

An alarm is billed for each metric in it, one on a Metrics Insights query for each metric that the query analyzes, and
one on an anomaly for the metric and the two bounds of its band.
https://aws.amazon.com/cloudwatch/pricing/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation.values import as_list, as_number, at, is_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_QUERY = re.compile(r"\s*SELECT\s+\w+\(\s*\"?(\w+)", re.IGNORECASE)
# Counts that exist only once something was counted, so that a query finds none of them as long as all is well.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
_ONLY_WHEN_COUNTED = {
    "DeliveryErrors",
    "DeliveryThrottling",
    "FailedInvocations",
    "ReadThrottleEvents",
    "SystemErrors",
    "ThrottledRequests",
    "WriteThrottleEvents",
}
_IF_USED = "if every table is used this way"
_GROUPS = re.compile(r"\sGROUP\s+BY\s", re.IGNORECASE)
_BAND = "ANOMALY_DETECTION_BAND("
_BOUNDS = 2
_HIGH_RESOLUTION_UNDER = 60


class Billed(NamedTuple):
    """The billed parts of an alarm.

    Attributes:
        price_name: The price of a metric.
        metrics: How many; None if only the deployment knows.
        detail: A note on their number.
    """

    price_name: str
    metrics: int | None
    detail: str = ""


def billed_metrics(alarm: Mapping[str, Any], tables: int = 1) -> list[Billed]:
    """Return the billed parts of an `AWS::CloudWatch::Alarm`.

    Args:
        alarm: Its properties.
        tables: How many tables it is for. A query that groups by them finds a metric of each that is used.
    """
    queries = alarm.get("Metrics")
    if queries is not None and is_unknown(queries) and not isinstance(queries, list):
        return [Billed("alarm_metric", None)]
    entries = [query for query in as_list(queries) if isinstance(query, dict)]
    expressions = [str(at(query, "Expression") or "") for query in entries]
    statistics = [at(query, "MetricStat") for query in entries if "MetricStat" in query]
    periods = [at(each, "Period") for each in statistics]
    if "MetricName" in alarm:
        periods.append(alarm.get("Period"))
    bounds = _BOUNDS * sum(_BAND in expression for expression in expressions)
    found = []
    if periods or bounds:
        is_high = any((as_number(period) or _HIGH_RESOLUTION_UNDER) < _HIGH_RESOLUTION_UNDER for period in periods)
        name = "alarm_metric_high_resolution" if is_high else "alarm_metric"
        found.append(Billed(name, len(periods) + bounds))
    for expression in expressions:
        query = _QUERY.match(expression)
        # Which metrics a query finds, no template shows.
        if query and query[1] not in _ONLY_WHEN_COUNTED:
            series = max(tables, 1) if _GROUPS.search(expression) else 1
            found.append(Billed("alarm_query_metric", series, _IF_USED if series > 1 else ""))
    return found
