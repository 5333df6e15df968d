"""What an alarm watches and when it rings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.rules.values import as_bool, as_list, as_number, at, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
_WHERE = re.compile(r"\"?(\w+)\"?\s*=\s*'([^']*)'")
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
        self.metrics = list(_metrics(self.properties))
        # Whether it rings at a value that is computed in a way of which nothing can be told.
        self._computes = "Metrics" in self.properties and not _is_read(self.properties["Metrics"])

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


def _is_read(queries: object) -> bool:
    expressions = [at(query, "Expression") for query in as_list(queries)]
    return all(_READ.fullmatch(str(each)) or _QUERY.match(str(each)) for each in expressions if each)


def _metrics(properties: dict[str, Any]) -> Iterator[Metric]:
    if "MetricName" in properties:
        yield _metric(properties, properties)
    for query in as_list(properties.get("Metrics")):
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
