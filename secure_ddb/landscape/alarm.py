"""What an alarm watches and when it fires."""

from __future__ import annotations

import math
import operator
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.values import ACCOUNT, as_bool, as_list, as_number, at, is_unknown
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.three_valued import Truth

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
_QUERY = re.compile(
    r"\s*SELECT\s+(?P<statistic>\w+)\(\s*\"?(?P<metric>\w+)\"?\s*\)\s+FROM\s+(?:SCHEMA\()?\s*\"?(?P<namespace>[\w/]+)\"?"
    r"(?P<schema>(\s*,\s*\"?\w+\"?)*)",
    re.IGNORECASE,
)
_GROUPS = re.compile(r"\s+GROUP\s+BY\s+((?:\s*,?\s*\"?\w+\"?)+)$", re.IGNORECASE)
_CONDITIONS = re.compile(r"\s*\)?(\s+(WHERE|AND)\s+\"?\w+\"?\s*=\s*'[^']*')*", re.IGNORECASE)
_STATISTICS = {"AVG": "Average", "COUNT": "SampleCount", "MAX": "Maximum", "MIN": "Minimum", "SUM": "Sum"}
# The dimensions with which DynamoDB publishes metrics, each way. A query of others finds nothing.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
_OF_TABLE, _OF_OPERATION = frozenset({"TableName"}), frozenset({"TableName", "Operation"})
_OF_INDEX = frozenset({"TableName", "GlobalSecondaryIndexName"})
_PUBLISHED = {
    "ReadThrottleEvents": (_OF_TABLE, _OF_INDEX),
    "WriteThrottleEvents": (_OF_TABLE, _OF_INDEX),
    "SystemErrors": (_OF_OPERATION,),
    "SuccessfulRequestLatency": (_OF_OPERATION,),
}
# What does not make a value smaller, and a band of anomalies that is narrow enough to be left.
_READ = re.compile(
    r"((SUM|MAX|FILL|METRICS)\(|[a-z]\w*+|[\s,+\[\]()]|\b0\b)*|ANOMALY_DETECTION_BAND\(\s*\w+\s*(,\s*\d(\.\d+)?\s*)?\)"
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

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Anomaly_Detection_Alarm.html
_LEAVES_BAND = {"GreaterThanUpperThreshold", "LessThanLowerOrGreaterThanUpperThreshold"}
# A missing count is zero. With the other two an alarm that fired once would never fire again.
_QUIET = {"notBreaching", "missing"}
# Of a query whose alarm does not say otherwise.
_DEFAULT_PERIOD = 60

_COUNT = "Count"
# Units of the metrics that are no counts. An alarm with a unit that its metric never has gets no data.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/firehose/latest/dev/cloudwatch-metrics.html
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
_UNITS = {
    "ReplicationLatency": "Milliseconds",
    "SuccessfulRequestLatency": "Milliseconds",
    "IteratorAge": "Milliseconds",
    "DeliveryToS3.DataFreshness": "Seconds",
    "DeliveryErrors": "None",
    "DeliveryThrottling": "None",
}


class Metric(NamedTuple):
    """A metric that an alarm watches."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: float
    # Whether the alarm gets data of it; None where only the deployment knows its unit or its account.
    has_data: Truth = True
    # What an expression calls it.
    id: str = ""
    # Whether it is what a query finds, of all that its condition does not leave out.
    is_queried: bool = False
    # Dimensions of which a query returns each value as a series of its own, which the alarm looks at one by one.
    every: frozenset[str] = frozenset()

    def is_about(self, dimension: str, value: str) -> bool:
        """Return whether it is about a dimension's value; an empty one stands for a metric without the dimension."""
        return value != "" if dimension in self.every else self.dimensions.get(dimension, "") == value


class Alarm:
    """An `AWS::CloudWatch::Alarm` with the metrics that it watches."""

    def __init__(self, resource: Resource) -> None:
        """Read an alarm's resource."""
        self.resource = resource
        self.properties = resource.properties
        self._queries = queries = _watched_queries(self.properties)
        metrics = _metrics(self.properties, queries, resource.account)
        self.metrics = [metric for metric in metrics if metric.has_data is not False]
        # Whether it fires at a value that is computed in an unknown way.
        self._computes = not _is_read(queries)

    @property
    def _periods_are_possible(self) -> bool:
        if "EvaluationPeriods" not in self.properties or any(metric.period <= 0 for metric in self.metrics):
            return False
        periods = as_number(self.properties.get("EvaluationPeriods"))
        to_alarm = as_number(self.properties.get("DatapointsToAlarm"))
        return to_alarm is None or periods is None or 1 <= to_alarm <= periods

    def rings_at(self, value: float) -> bool:
        """Return whether it fires when a metric rises to a value, and not when data is missing."""
        if self._computes:
            return False
        if "ThresholdMetricId" in self.properties:
            return str(self.properties.get("ComparisonOperator")) in _LEAVES_BAND
        is_quiet = str(self.properties.get("TreatMissingData", "missing")) in _QUIET
        return is_quiet and bool(self.rings_while(value) and self.rings_while(math.inf))

    def rings_down_at(self, count: float) -> bool:
        """Return whether it fires when a count is down to a value, or missing, and not while it is one more."""
        falls = self.rings_while(count) and self.rings_while(count + 1) is False and self.rings_while(None)
        return bool(falls) and not self.has_expressions

    @property
    def has_expressions(self) -> bool:
        """Whether it fires on a computed metric or a query."""
        return any(at(query, "Expression") for query in as_list(self.properties.get("Metrics")))

    def rings_while(self, value: float | None) -> Truth:
        """Return whether it fires while its metric has a value, or has none."""
        if self._is_open:
            return None
        comparison = _COMPARISONS.get(str(self.properties.get("ComparisonOperator")))
        threshold = as_number(self.properties.get("Threshold"))
        if comparison is None or threshold is None or not self._periods_are_possible:
            return False
        missing = str(self.properties.get("TreatMissingData", "missing"))
        rings = missing == "breaching" if value is None else comparison(value, threshold)
        return rings and missing != "ignore"

    @property
    def expression(self) -> str:
        """The one expression on whose value it fires; empty if there is none, or if only the deployment knows it."""
        if any(is_unknown(at(query, "ReturnData")) for query in self._queries):
            return ""
        expressions = [str(query["Expression"]) for query in self._queries if at(query, "Expression")]
        return expressions[0] if len(expressions) == 1 else ""

    @property
    def seconds(self) -> float:
        """How long it may take to fire."""
        periods = as_number(self.properties.get("EvaluationPeriods")) or 1
        return periods * max((metric.period for metric in self.metrics), default=0)

    @property
    def is_unknown(self) -> bool:
        """Whether it is known only at deployment when it fires."""
        return self._computes or self._is_open

    @property
    def _is_open(self) -> bool:
        names = ("ComparisonOperator", "Threshold", "EvaluationPeriods", "DatapointsToAlarm", "TreatMissingData")
        return any(is_unknown(self.properties.get(name)) for name in names)

    @property
    def acts(self) -> bool:
        """Whether it has an action when it fires."""
        enabled = self.properties.get("ActionsEnabled")
        return bool(self.actions) and (enabled is None or as_bool(enabled))

    @property
    def actions(self) -> list[Any]:
        """ARNs of its actions when it fires."""
        return as_list(self.properties.get("AlarmActions"))


def _watched_queries(properties: dict[str, Any]) -> list[Any]:
    """Return the query with `ReturnData` and its dependencies. The alarm ignores all others.

    CloudWatch rejects an alarm with several of them, apart from the band of an anomaly detection alarm.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudwatch-alarm-metricdataquery.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
    """
    queries = as_list(properties.get("Metrics"))
    by_id = {str(query.get("Id")): query for query in queries if isinstance(query, dict)}
    left = [query for query in queries if not isinstance(query, dict) or _is_returned(query)]
    band = properties.get("ThresholdMetricId")
    watched = [each for each in left if isinstance(each, dict) and each.get("Id") != band]
    if sum(not is_unknown(each.get("ReturnData")) for each in watched) > 1:
        return []
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


def _metrics(properties: dict[str, Any], queries: Sequence[Any], account: str) -> Iterator[Metric]:
    if "MetricName" in properties:
        yield _metric(properties, properties)
    for query in queries:
        if not isinstance(query, dict):
            continue
        own = _is_of(query.get("AccountId"), account)
        statistic = query.get("MetricStat")
        if isinstance(statistic, dict):
            metric = statistic["Metric"] if isinstance(statistic.get("Metric"), dict) else {}
            found = _metric(metric, {**statistic, "Statistic": statistic.get("Stat")})
            yield found._replace(has_data=all_of(own, found.has_data), id=str(query.get("Id")))
        for each in _queried(str(query.get("Expression", "")), as_number(query.get("Period")) or _DEFAULT_PERIOD):
            yield each._replace(has_data=own, is_queried=True)


def _is_of(named: object, account: str) -> Truth:
    """Return whether a query is about the alarm's own account, which it is unless it names another one."""
    if named is None or named == account:
        return True
    return None if is_unknown(named) or is_unknown(account) or ACCOUNT in (named, account) else False


def _metric(metric: dict[str, Any], statistic: dict[str, Any]) -> Metric:
    dimensions = {
        str(dimension.get("Name")): str(dimension.get("Value"))
        for dimension in as_list(metric.get("Dimensions"))
        if isinstance(dimension, dict)
    }
    name = str(statistic.get("Statistic") or statistic.get("ExtendedStatistic") or "")
    period = as_number(at(statistic, "Period")) or 0
    metric_name, unit = str(metric.get("MetricName", "")), statistic.get("Unit")
    has_data = None if is_unknown(unit) else unit in (None, _UNITS.get(metric_name, _COUNT))
    return Metric(str(metric.get("Namespace", "")), metric_name, dimensions, name, period, has_data)


def _queried(expression: str, period: float) -> Iterator[Metric]:
    match = _QUERY.match(expression)
    if not match:
        return
    where = dict(_WHERE.findall(expression))
    name, statistic = match["metric"], _STATISTICS.get(match["statistic"].upper(), "")
    yield Metric(match["namespace"], name, where, statistic, period, every=_grouped(match, expression))


def _grouped(match: re.Match[str], expression: str) -> frozenset[str]:
    """Return the dimensions of which a query returns every value, if it leaves none out."""
    groups = _GROUPS.search(expression)
    schema = frozenset(re.findall(r"\w+", match["schema"]))
    published = _PUBLISHED.get(match["metric"], (schema,))
    if not groups or schema not in published or not _CONDITIONS.fullmatch(expression, match.end(), groups.start()):
        return frozenset()
    return frozenset(re.findall(r"\w+", groups[1])) - dict(_WHERE.findall(expression)).keys()
