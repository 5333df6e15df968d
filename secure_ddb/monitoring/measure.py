"""A metric and the value from which on it is worth an alarm. Plain data; nothing here loads CDK."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Metric(NamedTuple):
    """A metric of an expression.

    Attributes:
        namespace: Its namespace.
        name: Its name.
        dimensions: Dimension to value.
        statistic: Its statistic, unless it is that of the measure.
    """

    namespace: str
    name: str
    dimensions: dict[str, str]
    statistic: str = ""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A metric and the value from which on it alarms.

    Attributes:
        name: Construct id of the alarm; a contract.
        description: Its meaning, and what to check first.
        metric: Name of the metric; empty where `query` or `expression` is used instead.
        expression: Metric math over `metrics`.
        metrics: Id to metric, for `expression`; at most ten.
        query: CloudWatch Metrics Insights query, where a dimension's value is not documented. An account has 200
            alarms on queries in a Region.
        threshold: The alarm fires when the value is this high or higher, or lower, as `comparison` says.
        dimensions: Dimension to value.
        periods: Of this many last periods...
        periods_to_alarm: ...this many have to reach the threshold.
        band: Instead of a threshold, how many standard deviations above the usual value for the time of the day and the
            week is too much; 0 for a threshold.
        is_calendar: Whether the periods are days or weeks of the calendar, in UTC, instead of the time until now.
        comparison: How the value is compared with the threshold, in CloudWatch's words.
        missing_data: Meaning of a period without data. DynamoDB and Lambda publish nothing where they count nothing.
    """

    name: str
    description: str
    threshold: float
    namespace: str = "AWS/DynamoDB"
    metric: str = ""
    expression: str = ""
    metrics: dict[str, Metric] = field(default_factory=dict)
    query: str = ""
    statistic: str = "Sum"
    dimensions: dict[str, str] = field(default_factory=dict)
    period: int = 60
    periods: int = 1
    periods_to_alarm: int = 1
    band: float = 0
    is_calendar: bool = False
    comparison: str = "GreaterThanOrEqualToThreshold"
    missing_data: str = "notBreaching"
