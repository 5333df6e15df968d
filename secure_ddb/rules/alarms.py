"""What an alarm watches and when it rings."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.rules.metric_math import value_of
from secure_ddb.rules.values import as_bool, as_list, as_number, at, is_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from secure_ddb.rules.permissions import Answer
    from secure_ddb.rules.resources import Resource

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
_QUERY = re.compile(
    r"\s*SELECT\s+(?P<statistic>\w+)\(\s*\"?(?P<metric>\w+)\"?\s*\)\s+FROM\s+(?:SCHEMA\()?\s*\"?(?P<namespace>[\w/]+)\"?",
    re.IGNORECASE,
)
# What does not make a value smaller, and a band of anomalies that is narrow enough to be left.
_READ = re.compile(
    r"((SUM|MAX|FILL|METRICS)\(|[a-z]\w*|[\s,+\[\]()]|\b0\b)*|ANOMALY_DETECTION_BAND\(\s*\w+\s*(,\s*\d(\.\d+)?\s*)?\)"
)
# Ids begin with a small letter; functions have capitals only.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
_ID = re.compile(r"\b[a-z]\w*")
_METRICS = re.compile(r"METRICS\(\s*(?:\"([^\"]*)\"|'([^']*)')?\s*\)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_WHERE = re.compile(r"\"?(\w+)\"?\s*=\s*'([^']*)'")
_COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_RISES = {"GreaterThanThreshold", "GreaterThanOrEqualToThreshold"}
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Anomaly_Detection_Alarm.html
_LEAVES_BAND = {"GreaterThanUpperThreshold", "LessThanLowerOrGreaterThanUpperThreshold"}
# Of a query whose alarm does not say otherwise.
_DEFAULT_PERIOD = 60
# A count that is missing is zero. With the other two an alarm that rang once would never ring again.
_QUIET = {"notBreaching", "missing"}


class Metric(NamedTuple):
    """A metric that an alarm watches."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: float


class Alarm:
    """An `AWS::CloudWatch::Alarm`.

    Attributes:
        resource: Its resource.
        properties: Its properties.
        metrics: What it watches.
    """

    def __init__(self, resource: Resource) -> None:
        """Read an alarm's resource."""
        self.resource = resource
        self.properties = resource.properties
        self._queries = queries = _watched_queries(self.properties)
        self.metrics = list(_metrics(self.properties, queries))
        # Whether it rings at a value that is computed in a way of which nothing can be told.
        self._computes = not _is_read(queries)

    @property
    def rises(self) -> bool:
        """Whether it rings when the value is high, and falls silent when nothing is measured any more."""
        return (
            "EvaluationPeriods" in self.properties
            and all(metric.period > 0 for metric in self.metrics)
            and str(self.properties.get("ComparisonOperator")) in _RISES
            and str(self.properties.get("TreatMissingData", "missing")) in _QUIET
            and self._datapoints_are_possible
        )

    @property
    def _datapoints_are_possible(self) -> bool:
        periods = as_number(self.properties.get("EvaluationPeriods"))
        to_alarm = as_number(self.properties.get("DatapointsToAlarm"))
        return to_alarm is None or periods is None or 1 <= to_alarm <= periods

    def rings_at(self, value: float) -> bool:
        """Tell whether it rings when a metric reaches a value."""
        if self._computes:
            return False
        if "ThresholdMetricId" in self.properties:
            return str(self.properties.get("ComparisonOperator")) in _LEAVES_BAND
        threshold = as_number(self.properties.get("Threshold"))
        if threshold is None or not self.rises:
            return False
        above = self.properties.get("ComparisonOperator") == "GreaterThanThreshold"
        return value > threshold if above else value >= threshold

    def rings_while(self, measured: Callable[[Metric], float | None]) -> Answer:
        """Tell whether it rings while its metrics have these values, or none at all.

        Args:
            measured: Returns a metric's value, None while it has no data; raises `ValueError` if it is unknown.
        """
        names = ("ComparisonOperator", "Threshold", "EvaluationPeriods", "DatapointsToAlarm", "TreatMissingData")
        if any(is_unknown(self.properties.get(name)) for name in names):
            return None
        comparison = _COMPARISONS.get(str(self.properties.get("ComparisonOperator")))
        threshold = as_number(self.properties.get("Threshold"))
        if comparison is None or threshold is None or "EvaluationPeriods" not in self.properties:
            return False
        try:
            value = self._value_while(measured)
        except ValueError:
            return None
        missing = str(self.properties.get("TreatMissingData", "missing"))
        rings = missing == "breaching" if value is None else comparison(value, threshold)
        return rings and self._datapoints_are_possible and missing != "ignore"

    def _value_while(self, measured: Callable[[Metric], float | None]) -> float | None:
        if not self._queries:
            return measured(self.metrics[0]) if self.metrics else None
        values: dict[str, float | None] = {}
        expressions = []
        for query in self._queries:
            if isinstance(at(query, "Expression"), str):
                expressions.append(str(query["Expression"]))
            else:
                (metric,) = _metrics({}, [query])
                values[str(query.get("Id"))] = measured(metric)
        if len(expressions) != 1:
            raise ValueError(expressions)
        return value_of(expressions[0], values)

    @property
    def seconds(self) -> float:
        """How long it may take to ring."""
        periods = as_number(self.properties.get("EvaluationPeriods")) or 1
        return periods * max((metric.period for metric in self.metrics), default=0)

    @property
    def is_unknown(self) -> bool:
        """Whether it is known only at deployment when it rings."""
        names = ("ComparisonOperator", "Threshold", "EvaluationPeriods", "DatapointsToAlarm", "TreatMissingData")
        return self._computes or any(is_unknown(self.properties.get(name)) for name in names)

    @property
    def acts(self) -> bool:
        """Whether it does anything when it rings."""
        enabled = self.properties.get("ActionsEnabled")
        return bool(self.actions) and (enabled is None or as_bool(enabled))

    @property
    def actions(self) -> list[Any]:
        """ARNs of what it does when it rings."""
        return as_list(self.properties.get("AlarmActions"))


def _watched_queries(properties: dict[str, Any]) -> list[Any]:
    """Return the queries with `ReturnData`, and those that they refer to. The alarm ignores all others.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
    """
    queries = as_list(properties.get("Metrics"))
    by_id = {str(query.get("Id")): query for query in queries if isinstance(query, dict)}
    left = [query for query in queries if not isinstance(query, dict) or _is_returned(query)]
    found: list[Any] = []
    while left:
        query = left.pop()
        if query not in found:
            found.append(query)
            left += [by_id[name] for name in _referred(str(at(query, "Expression") or ""), by_id)]
    return [query for query in queries if query in found]


def _is_returned(query: dict[str, Any]) -> bool:
    # Unless told otherwise, it is.
    returned = query.get("ReturnData")
    return returned is None or is_unknown(returned) or as_bool(returned)


def _referred(expression: str, by_id: Mapping[str, Any]) -> set[str]:
    """Return the ids that a metric math expression refers to; a query refers to none."""
    if _QUERY.match(expression):
        return set()
    # METRICS() is all metrics, METRICS("text") those with the text in their ids; neither includes expressions.
    texts = [first or second for first, second in _METRICS.findall(expression)]
    metrics = {name for name, query in by_id.items() if "MetricStat" in query and any(text in name for text in texts)}
    return metrics | (set(_ID.findall(_QUOTED.sub("", expression))) & by_id.keys())


def _is_read(queries: Sequence[Any]) -> bool:
    if any(is_unknown(at(query, "ReturnData")) for query in queries):
        return False
    expressions = [at(query, "Expression") for query in queries]
    return all(_READ.fullmatch(str(each)) or _QUERY.match(str(each)) for each in expressions if each)


def _metrics(properties: dict[str, Any], queries: Sequence[Any]) -> Iterator[Metric]:
    if "MetricName" in properties:
        yield _metric(properties, properties)
    for query in queries:
        if not isinstance(query, dict):
            continue
        statistic = query.get("MetricStat")
        if isinstance(statistic, dict):
            metric = statistic.get("Metric")
            yield _metric(metric if isinstance(metric, dict) else {}, {**statistic, "Statistic": statistic.get("Stat")})
        yield from _queried(str(query.get("Expression", "")), as_number(query.get("Period")) or _DEFAULT_PERIOD)


def _metric(metric: dict[str, Any], statistic: dict[str, Any]) -> Metric:
    dimensions = {
        str(dimension.get("Name")): str(dimension.get("Value"))
        for dimension in as_list(metric.get("Dimensions"))
        if isinstance(dimension, dict)
    }
    name = str(statistic.get("Statistic") or statistic.get("ExtendedStatistic") or "")
    period = as_number(at(statistic, "Period")) or 0
    return Metric(str(metric.get("Namespace", "")), str(metric.get("MetricName", "")), dimensions, name, period)


def _queried(expression: str, period: float) -> Iterator[Metric]:
    match = _QUERY.match(expression)
    if match:
        where = dict(_WHERE.findall(expression))
        yield Metric(match["namespace"], match["metric"], where, match["statistic"].capitalize(), period)
