"""The topic and the thirteen alarms that publish to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import (
    Alarm,
    ComparisonOperator,
    IMetric,
    MathExpression,
    Metric,
    Stats,
    TreatMissingData,
)
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_sns import Topic

from benchmarks.handwritten import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk.aws_dynamodb import TableV2
    from aws_cdk.aws_kms import Key
    from constructs import Construct

    from benchmarks.handwritten.audit import Audit
    from benchmarks.handwritten.place import Place

_TABLE_METRICS = "AWS/DynamoDB"
_FUNCTION_METRICS = "AWS/Lambda"


class _Watched(NamedTuple):
    id: str
    description: str
    metric: IMetric
    threshold: float = 1
    periods: int = 1
    periods_to_alarm: int = 1


def add_alarms(scope: Construct, table: TableV2, audit: Audit, key: Key, place: Place) -> None:
    """Raise an alarm for each metric of the table and of its audit trail."""
    action = SnsAction(_make_topic(scope, key, place))
    minute = Duration.minutes(1)
    for watched in (*_of_table(table, minute), *_of_audit(audit, minute)):
        alarm = Alarm(
            scope,
            watched.id,
            alarm_description=watched.description,
            metric=watched.metric,
            comparison_operator=ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            threshold=watched.threshold,
            evaluation_periods=watched.periods,
            datapoints_to_alarm=watched.periods_to_alarm,
            treat_missing_data=TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(action)


def _make_topic(scope: Construct, key: Key, place: Place) -> Topic:
    topic = Topic(scope, "AlarmTopic", master_key=key, enforce_ssl=True)
    topic.add_to_resource_policy(
        PolicyStatement(
            sid="PublishAlarmsAndEvents",
            principals=[
                ServicePrincipal("cloudwatch.amazonaws.com"),
                ServicePrincipal("events.amazonaws.com"),
            ],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={
                "StringEquals": {"aws:SourceAccount": place.account},
                "ArnLike": {"aws:SourceArn": [place.alarm_arns, place.rule_arns]},
            },
        )
    )
    return topic


def _of_table(table: TableV2, minute: Duration) -> Iterator[_Watched]:
    name = table.table_name
    dimensions = {"TableName": name}
    for kind in ("Read", "Write"):
        throttles = _metric(_TABLE_METRICS, f"{kind}ThrottleEvents", dimensions, minute)
        yield _Watched(f"{kind}Throttles", texts.THROTTLED.format(kind=kind), throttles, 1, 5, 2)
    system_errors = MathExpression(expression=texts.SYSTEM_ERRORS_QUERY.format(table=name), period=minute)
    yield _Watched("SystemErrors", texts.SYSTEM_ERRORS, system_errors)
    user_errors = _metric(_TABLE_METRICS, "UserErrors", {}, minute)
    yield _Watched("UserErrors", texts.USER_ERRORS, user_errors, 10, 5, 3)
    for operation in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"):
        latency = _metric(
            _TABLE_METRICS,
            "SuccessfulRequestLatency",
            {**dimensions, "Operation": operation},
            minute,
            Stats.AVERAGE,
        )
        description = texts.LATENCY.format(operation=operation)
        yield _Watched(f"Latency-{operation}", description, latency, 100, 5, 3)


def _of_audit(audit: Audit, minute: Duration) -> Iterator[_Watched]:
    function = {"FunctionName": audit.function.function_name}
    event_source = {"EventSourceMappingUUID": audit.event_source.event_source_mapping_id}
    errors = _metric(_FUNCTION_METRICS, "Errors", function, minute)
    yield _Watched("AuditErrors", texts.AUDIT_ERRORS, errors)
    throttles = _metric(_FUNCTION_METRICS, "Throttles", function, minute)
    yield _Watched("AuditThrottles", texts.AUDIT_THROTTLES, throttles, 1, 5, 3)
    age = _metric(_FUNCTION_METRICS, "IteratorAge", function, minute, Stats.MAXIMUM)
    yield _Watched("AuditIteratorAge", texts.AUDIT_ITERATOR_AGE, age, 3_600_000)
    failures = _metric(_FUNCTION_METRICS, "OnFailureDestinationDeliveredEventCount", event_source, minute)
    yield _Watched("AuditFailureDestination", texts.AUDIT_FAILURES, failures)
    dropped = _metric(_FUNCTION_METRICS, "DroppedEventCount", event_source, minute)
    yield _Watched("AuditDroppedRecords", texts.AUDIT_DROPPED, dropped)


def _metric(namespace: str, name: str, dimensions: dict[str, str], period: Duration, statistic: str = "Sum") -> Metric:
    return Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        period=period,
        statistic=statistic,
    )
