"""Alarms on a table and its parts, and the topic that carries them (MON-1, MON-2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_cloudwatch import CfnAlarm

from secure_ddb.classification import DataClassification
from secure_ddb.monitoring.capacity import capacity_measures
from secure_ddb.monitoring.health import make_health_alarm
from secure_ddb.monitoring.measure import Metric
from secure_ddb.monitoring.metrics import bulk_latency, table_measures
from secure_ddb.monitoring.settings import DEFAULT_ALARMS, AlarmSettings
from secure_ddb.monitoring.thresholds import chosen
from secure_ddb.monitoring.topic import adopt_topic, make_topic, topic_key_statements
from secure_ddb.monitoring.use import unused, unusual_reads
from secure_ddb.part import Part, resolve
from secure_ddb.table_evidence import Guarantee

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aws_cdk.aws_cloudwatch import CfnCompositeAlarm

    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.encryption.table_key import KeyPolicy
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.monitoring.shared_alarms import SharedAlarms
    from secure_ddb.monitoring.topic import AlarmTopic
    from secure_ddb.waivers.waiver import Waiver


# For RESTRICTED tables, unless chosen otherwise. Wider than CloudWatch's default of 2, at which one period in twenty
# of normal traffic is outside.
_BAND = 4


@dataclass(frozen=True, kw_only=True)
class TableAlarms:
    """A table's alarms, and the topic that they notify.

    Attributes:
        alarms: The alarms.
        topic: The topic.
        health: The composite alarm; None unless asked for.
    """

    alarms: tuple[CfnAlarm, ...]
    topic: AlarmTopic
    health: CfnCompositeAlarm | None = None


class Alarms(Part):
    """Alarms on metrics of the table and its parts."""

    def __init__(
        self, context: TableContext, given: AlarmSettings | Waiver | None, shared: SharedAlarms | None = None
    ) -> None:
        """Check the settings; by default, rely on the alarms of a shared topic if there is one."""
        self._context = context
        self._shared = shared
        self._is_shared = given is None and shared is not None
        if given is None:
            given = shared.settings if shared is not None else AlarmSettings()
        self._settings = resolve(context, "alarms", given, AlarmSettings, Guarantee.ALARMS)

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let the publishers encrypt for the topic that is made."""
        makes_topic = self._settings is not None and self._settings.topic is None and self._shared is None
        return topic_key_statements(policy.environment) if makes_topic else []

    def watch(self, table: MadeTable, parts: Sequence[Part]) -> TableAlarms | None:
        """Raise an alarm for each measure of the table and of the parts, which are made by now."""
        settings = self._settings
        if settings is None:
            return None
        measures: list[Measure] = []
        if not self._is_shared:
            measures += table_measures(table.name, table.index_names, settings.latency_milliseconds)
        measures += capacity_measures(table)
        measures += self._optional_measures(table, settings)
        for part in parts:
            measures += part.measures(table, settings)
        topic = self._topic(settings, table.key.arn)
        alarms = raise_alarms(self._context, measures, topic.arn, settings)
        for part in parts:
            part.notify(table, topic.arn)
        shared = self._shared.health_name if self._shared is not None and self._is_shared else ""
        health = make_health_alarm(self._context, alarms, shared) if settings.health else None
        return TableAlarms(alarms=alarms, topic=topic, health=health)

    def _optional_measures(self, table: MadeTable, settings: AlarmSettings) -> Iterator[Measure]:
        """Return the measures of a single table that are requested, or required because its data is restricted.

        A table with shared resources has one more only where those were told so.
        """
        is_demanded = self._context.classification is DataClassification.RESTRICTED and not self._is_shared
        bulk = settings.bulk_milliseconds(self._context.classification)
        if bulk is not None and not self._is_shared:
            yield bulk_latency(table.name, bulk)
        band = settings.unusual_reads or (_BAND if is_demanded else 0)
        if band:
            yield unusual_reads(table.name, band)
        if settings.unused_days is not None:
            yield unused(table.name, table.index_names, settings.unused_days)

    def make_topic(self, key_arn: str) -> AlarmTopic | None:
        """Make the topic, or adopt the one that is given, unless the alarms are waived."""
        return self._topic(self._settings, key_arn) if self._settings is not None else None

    def _topic(self, settings: AlarmSettings, key_arn: str) -> AlarmTopic:
        # A topic that shared resources were given is in theirs already.
        if settings.topic is not None and not self._is_shared:
            return adopt_topic(self._context, settings.topic)
        return self._shared.topic if self._shared is not None else make_topic(self._context, key_arn)


def raise_alarms(
    context: TableContext, measures: Iterable[Measure], topic_arn: str, settings: AlarmSettings = DEFAULT_ALARMS
) -> tuple[CfnAlarm, ...]:
    """Make an alarm for each measure that is not waived, with the thresholds that were chosen."""
    wanted = chosen(measures, settings.thresholds, settings.waived)
    return tuple(_alarm(context, measure, topic_arn) for measure in wanted)


def _alarm(context: TableContext, measure: Measure, topic_arn: str) -> CfnAlarm:
    return CfnAlarm(
        context.scope,
        measure.name,
        alarm_description=measure.description,
        alarm_actions=[topic_arn],
        comparison_operator=measure.comparison,
        threshold=None if measure.band else measure.threshold,
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
    if measure.band:
        return _anomaly(measure)
    if measure.query:
        return _query(measure)
    if measure.expression:
        return _math(measure)
    return _metric(measure)


def _query(measure: Measure) -> dict[str, Any]:
    return {
        "metrics": [
            CfnAlarm.MetricDataQueryProperty(
                id="sum", expression=measure.query, period=measure.period, return_data=True
            )
        ]
    }


def _math(measure: Measure) -> dict[str, Any]:
    result = CfnAlarm.MetricDataQueryProperty(id="result", expression=measure.expression, return_data=True)
    return {"metrics": [result, *(_of_expression(measure, *named) for named in measure.metrics.items())]}


def _anomaly(measure: Measure) -> dict[str, Any]:
    """Return a metric and the band of its usual values, which CloudWatch learns.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Anomaly_Detection_Alarm.html
    """
    metric = Metric(measure.namespace, measure.metric, measure.dimensions)
    band = CfnAlarm.MetricDataQueryProperty(
        id="band", expression=f"ANOMALY_DETECTION_BAND(usual, {measure.band:g})", return_data=True
    )
    watched = _of_expression(measure, "usual", metric, return_data=True)
    return {"metrics": [watched, band], "threshold_metric_id": "band"}


def _of_expression(
    measure: Measure, id: str, metric: Metric, *, return_data: bool = False
) -> CfnAlarm.MetricDataQueryProperty:
    return CfnAlarm.MetricDataQueryProperty(
        id=id,
        metric_stat=CfnAlarm.MetricStatProperty(
            metric=CfnAlarm.MetricProperty(
                namespace=metric.namespace, metric_name=metric.name, dimensions=_dimensions(metric.dimensions)
            ),
            period=measure.period,
            stat=metric.statistic or measure.statistic,
        ),
        return_data=return_data,
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
