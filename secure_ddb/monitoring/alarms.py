"""Alarms on a table and its audit trail, and the topic that carries them (MON-1, MON-2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_sns import CfnTopic, ITopic, Topic

from secure_ddb.durations import in_milliseconds
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.existing_resources import require_same_environment
from secure_ddb.monitoring.backup_jobs import notify_of_failed_jobs
from secure_ddb.monitoring.metrics import (
    Metric,
    archive_measures,
    audit_measures,
    backup_measure,
    perimeter_measure,
    table_measures,
)
from secure_ddb.monitoring.topic import adopt_topic, make_topic
from secure_ddb.table_evidence import Guarantee
from secure_ddb.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.audit.construct import TableAudit
    from secure_ddb.backup import TableBackup
    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.encryption import TableKey
    from secure_ddb.monitoring.metrics import Measure
    from secure_ddb.table_evidence import TableEvidence

# Past the age at which Lambda gives a record up there would be nothing left to warn of.
_LONGEST_ITERATOR_AGE = 12 * 60 * 60 * 1000


@dataclass(frozen=True, kw_only=True)
class AlarmSettings:
    """When to raise an alarm, and where to.

    Attributes:
        topic: An existing topic instead of one made for the table. The policies of a topic of this app and of its key
            are extended for the alarms; those of an imported one are not visible, and the summary says so.
        latency: From which average latency of a successful request on an operation counts as slow.
        iterator_age: How far the audit log may lag behind the table, at most 12 hours.

    Raises:
        InvalidArgumentError: A value has the wrong type or is out of its range.
    """

    topic: ITopic | None = None
    latency: Duration = Duration.millis(100)
    iterator_age: Duration = Duration.hours(1)

    def __post_init__(self) -> None:
        """Check every value."""
        if self.topic is not None:
            require_interface("alarms.topic", self.topic, "topic_arn", "an aws_sns.ITopic")
        require_type("alarms.latency", self.latency, Duration)
        if self.latency_milliseconds < 1:
            reject("alarms.latency", f"{self.latency_milliseconds} ms", "1 ms or more")
        require_type("alarms.iterator_age", self.iterator_age, Duration)
        age = self.iterator_age_milliseconds
        if not 0 < age <= _LONGEST_ITERATOR_AGE:
            reject("alarms.iterator_age", f"{age} ms", "1 ms to 12 hours")

    @property
    def latency_milliseconds(self) -> int:
        """Latency from which on a request counts as slow."""
        return in_milliseconds(self.latency, "alarms.latency")

    @property
    def iterator_age_milliseconds(self) -> int:
        """Age from which on the audit log lags."""
        return in_milliseconds(self.iterator_age, "alarms.iterator_age")

    def check(self, evidence: TableEvidence, environment: StackEnvironment) -> None:
        """Record what differs from the default.

        Raises:
            InvalidArgumentError: The topic is in another Region, where no alarm can reach it, or in another account,
                where events could reach it only with a role, and what its policy needs cannot be seen or added.

        Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-cross-account.html
        """
        if self.topic is not None:
            require_same_environment("alarms.topic", self.topic, environment, evidence)
            evidence.settings["alarms.topic"] = "an existing topic"
        evidence.compare("alarms.latency", self.latency_milliseconds, DEFAULT_ALARMS.latency_milliseconds, " ms")
        evidence.compare(
            "alarms.iterator_age",
            self.iterator_age_milliseconds,
            DEFAULT_ALARMS.iterator_age_milliseconds,
            " ms",
        )


DEFAULT_ALARMS = AlarmSettings()


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


def watch(
    context: TableContext,
    settings: AlarmSettings | Waiver,
    key: TableKey,
    *,
    table_name: str,
    index_names: Sequence[str],
    audit: TableAudit | None,
    perimeter_metric: str,
    table_arn: str,
    backup: TableBackup | None,
) -> TableAlarms | None:
    """Raise an alarm for each measure of the table, its audit trail and its backups, unless waived."""
    if isinstance(settings, Waiver):
        context.evidence.waive(Guarantee.ALARMS, settings)
        return None
    measures = list(table_measures(table_name, index_names, settings.latency_milliseconds))
    if audit is not None:
        measures += audit_measures(
            table_name, audit.function_name, audit.event_source_id, settings.iterator_age_milliseconds
        )
        if audit.archive is not None:
            measures += archive_measures(audit.archive.delivery_stream_name, audit.archive.log_group_name)
    if perimeter_metric:
        measures.append(perimeter_measure(perimeter_metric))
    if backup is not None and backup.own_vault_name:
        measures.append(backup_measure(backup.own_vault_name))
    resource, topic_arn = adopt_topic(context, settings.topic) if settings.topic else make_topic(context, key.arn)
    alarms = tuple(_alarm(context, measure, topic_arn) for measure in measures)
    if backup is not None:
        notify_of_failed_jobs(context, table_arn, topic_arn)
    return TableAlarms(alarms=alarms, resource=resource, topic_arn=topic_arn, key_arn=key.arn)


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
        **_watched(measure),
    )


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
