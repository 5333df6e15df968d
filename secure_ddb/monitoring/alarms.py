"""Alarms on a table and its audit trail, and the topic that carries them (MON-1, MON-2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_sns import CfnTopic, CfnTopicPolicy, ITopic, Topic

from secure_ddb.context import require_same_region
from secure_ddb.durations import in_milliseconds
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.monitoring.metrics import archive_measures, audit_measures, perimeter_measure, table_measures
from secure_ddb.table_evidence import Guarantee
from secure_ddb.tls import deny_without_tls
from secure_ddb.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.audit.construct import TableAudit
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
        topic: An existing topic instead of one made for the table. Whether its policy and key let CloudWatch
            publish cannot be seen of an imported topic, and the summary says so.
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
            InvalidArgumentError: The topic is in another Region, where no alarm can reach it.
        """
        if self.topic is not None:
            require_same_region("alarms.topic", self.topic.topic_arn, environment)
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
) -> TableAlarms | None:
    """Raise an alarm for each measure of the table and its audit trail, unless waived."""
    if isinstance(settings, Waiver):
        context.evidence.waive(Guarantee.ALARMS, settings)
        return None
    measures = list(table_measures(table_name, index_names, settings.latency_milliseconds))
    if audit is not None:
        measures += audit_measures(audit.function_name, audit.event_source_id, settings.iterator_age_milliseconds)
        if audit.archive is not None:
            measures += archive_measures(audit.archive.delivery_stream_name, audit.archive.log_group_name)
    if perimeter_metric:
        measures.append(perimeter_measure(perimeter_metric))
    if settings.topic is None:
        resource, topic_arn = _make_topic(context, key)
    else:
        resource, topic_arn = _adopt_topic(context, settings.topic)
    alarms = tuple(_alarm(context, measure, topic_arn) for measure in measures)
    return TableAlarms(alarms=alarms, resource=resource, topic_arn=topic_arn, key_arn=key.arn)


def _adopt_topic(context: TableContext, topic: ITopic) -> tuple[CfnTopic | ITopic, str]:
    context.evidence.not_verifiable.append(
        "that the existing topic is encrypted and its policy and key let CloudWatch publish"
    )
    return topic, topic.topic_arn


def _make_topic(context: TableContext, key: TableKey) -> tuple[CfnTopic | ITopic, str]:
    topic = CfnTopic(context.scope, "AlarmTopic", kms_master_key_id=key.arn)
    topic_arn = topic.ref
    CfnTopicPolicy(
        context.scope,
        "AlarmTopicPolicy",
        topics=[topic_arn],
        policy_document=topic_policy(context.environment, topic_arn),
    )
    return topic, topic_arn


def topic_policy(environment: StackEnvironment, topic_arn: str) -> dict[str, Any]:
    """Return the policy of the alarm topic: this account's alarms, and rules, publish over TLS.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            deny_without_tls("sns:Publish", topic_arn),
            {
                "Sid": "PublishAlarms",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic_arn,
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": environment.account},
                    "ArnLike": {"aws:SourceArn": environment.arn("cloudwatch", "alarm:*")},
                },
            },
            {
                # EventBridge does not support conditions in a topic's policy.
                # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
                "Sid": "PublishEvents",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic_arn,
            },
        ],
    }


def _alarm(context: TableContext, measure: Measure, topic_arn: str) -> CfnAlarm:
    return CfnAlarm(
        context.scope,
        measure.name,
        alarm_description=measure.description,
        alarm_actions=[topic_arn],
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=measure.threshold,
        evaluation_periods=measure.periods,
        datapoints_to_alarm=measure.periods_to_alarm,
        # DynamoDB and Lambda publish nothing while there is nothing to count.
        treat_missing_data="notBreaching",
        **(_query(measure) if measure.query else _metric(measure)),
    )


def _query(measure: Measure) -> dict[str, Any]:
    return {
        "metrics": [
            CfnAlarm.MetricDataQueryProperty(
                id="sum", expression=measure.query, period=measure.period, return_data=True
            )
        ]
    }


def _metric(measure: Measure) -> dict[str, Any]:
    return {
        "namespace": measure.namespace,
        "metric_name": measure.metric,
        "statistic": measure.statistic,
        "period": measure.period,
        "dimensions": [
            CfnAlarm.DimensionProperty(name=name, value=value) for name, value in measure.dimensions.items()
        ],
    }
