"""Alarms on a table and its parts, and the topic that carries them (MON-1, MON-2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_sns import CfnTopic, ITopic, Topic

from secure_ddb.monitoring.measure import Metric
from secure_ddb.monitoring.metrics import table_measures
from secure_ddb.monitoring.settings import AlarmSettings
from secure_ddb.monitoring.topic import adopt_topic, make_topic, topic_key_statements
from secure_ddb.part import Part, resolve
from secure_ddb.table_evidence import Guarantee

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.table_key import KeyPolicy
    from secure_ddb.waiver import Waiver


@dataclass(frozen=True, kw_only=True)
class TableAlarms:
    """What watches a table, and the topic that hears of it."""

    alarms: tuple[CfnAlarm, ...]
    resource: CfnTopic | ITopic
    topic_arn: str
    key_arn: str

    @cached_property
    def topic(self) -> ITopic:
        """The topic; one that was made is shown as imported, so that no target added later replaces its policy."""
        if not isinstance(self.resource, CfnTopic):
            return self.resource
        return Topic.from_topic_attributes(self.resource, "Topic", topic_arn=self.topic_arn, key_arn=self.key_arn)


class Alarms(Part):
    """Alarms on what is measured of the table and its parts."""

    def __init__(self, context: TableContext, given: AlarmSettings | Waiver) -> None:
        """Check the settings."""
        self._context = context
        self._settings = resolve(context, "alarms", given, AlarmSettings, Guarantee.ALARMS)

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let the publishers encrypt for the topic that is made."""
        makes_topic = self._settings is not None and self._settings.topic is None
        return topic_key_statements(policy.environment) if makes_topic else []

    def watch(self, table: MadeTable, parts: Sequence[Part]) -> TableAlarms | None:
        """Raise an alarm for each measure of the table and of the parts, which are made by now."""
        context, settings = self._context, self._settings
        if settings is None:
            return None
        measures = list(table_measures(table.name, table.index_names, settings.latency_milliseconds))
        for part in parts:
            measures += part.measures(table, settings)
        key_arn = table.key.arn
        resource, topic_arn = adopt_topic(context, settings.topic) if settings.topic else make_topic(context, key_arn)
        alarms = tuple(_alarm(context, measure, topic_arn) for measure in measures)
        for part in parts:
            part.notify(table, topic_arn)
        return TableAlarms(alarms=alarms, resource=resource, topic_arn=topic_arn, key_arn=key_arn)


def _alarm(context: TableContext, measure: Measure, topic_arn: str) -> CfnAlarm:
    return CfnAlarm(
        context.scope,
        measure.name,
        alarm_description=measure.description,
        alarm_actions=[topic_arn],
        comparison_operator=measure.comparison,
        threshold=measure.threshold,
        evaluation_periods=measure.periods,
        datapoints_to_alarm=measure.periods_to_alarm,
        treat_missing_data=measure.missing_data,
        evaluation_window=_calendar() if measure.is_calendar else None,
        **_watched(measure),
    )


def _calendar() -> CfnAlarm.EvaluationWindowProperty:
    """Return the window of periods of the calendar. CDK would drop it if nothing in it were set.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
    """
    return CfnAlarm.EvaluationWindowProperty(wall_clock_window=CfnAlarm.WallClockWindowProperty(timezone="UTC"))


def _watched(measure: Measure) -> dict[str, Any]:
    if measure.query:
        return _query(measure)
    if measure.expression:
        return _math(measure, "result", measure.expression, measure.metrics)
    return _sum(measure) if measure.operations else _metric(measure)


def _query(measure: Measure) -> dict[str, Any]:
    return {
        "metrics": [
            CfnAlarm.MetricDataQueryProperty(
                id="sum", expression=measure.query, period=measure.period, return_data=True
            )
        ]
    }


def _sum(measure: Measure) -> dict[str, Any]:
    """Add a metric up over operations. DynamoDB publishes nothing where it counted nothing, which is 0 here."""
    metrics = {
        f"{operation[0].lower()}{operation[1:]}": Metric(
            measure.namespace, measure.metric, {**measure.dimensions, "Operation": operation}
        )
        for operation in measure.operations
    }
    return _math(measure, "sum", " + ".join(f"FILL({each}, 0)" for each in metrics), metrics)


def _math(measure: Measure, id: str, expression: str, metrics: dict[str, Metric]) -> dict[str, Any]:
    result = CfnAlarm.MetricDataQueryProperty(id=id, expression=expression, return_data=True)
    return {"metrics": [result, *(_of_expression(measure, *named) for named in metrics.items())]}


def _of_expression(measure: Measure, id: str, metric: Metric) -> CfnAlarm.MetricDataQueryProperty:
    return CfnAlarm.MetricDataQueryProperty(
        id=id,
        metric_stat=CfnAlarm.MetricStatProperty(
            metric=CfnAlarm.MetricProperty(
                namespace=metric.namespace, metric_name=metric.name, dimensions=_dimensions(metric.dimensions)
            ),
            period=measure.period,
            stat=measure.statistic,
        ),
        return_data=False,
    )


def _metric(measure: Measure) -> dict[str, Any]:
    return {
        "namespace": measure.namespace,
        "metric_name": measure.metric,
        "statistic": measure.statistic,
        "period": measure.period,
        "dimensions": _dimensions(measure.dimensions),
    }


def _dimensions(values: dict[str, str]) -> list[CfnAlarm.DimensionProperty]:
    return [CfnAlarm.DimensionProperty(name=name, value=value) for name, value in values.items()]
