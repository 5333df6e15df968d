"""What is measured, and from which value on it is worth an alarm. Plain data; nothing here talks to CDK.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html,
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html,
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Single-item calls, and the query whose latency users feel. Batches and scans take as long as they are large.
_LATENCY_OPERATIONS = ("GetItem", "PutItem", "Query", "UpdateItem")

# An alarm adds up ten metrics at most, and each operation has a metric of its own.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
_ITEM_OPERATIONS = (
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems",
)
_STATEMENT_AND_STREAM_OPERATIONS = ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction", "GetRecords")

# Four times as long as Firehose collects lines; it keeps them for 24 hours.
_LONGEST_ARCHIVE_DELAY_SECONDS = 60 * 60


PERIMETER_NAMESPACE = "SecureTable"


class Metric(NamedTuple):
    """A metric of an expression.

    Attributes:
        namespace: Its namespace.
        name: Its name.
        dimensions: Dimension to value.
    """

    namespace: str
    name: str
    dimensions: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A metric and the value from which on it alarms.

    Attributes:
        name: Construct id of the alarm; a contract.
        description: What it means and what to look at first.
        metric: Name of the metric; empty where `query` or `expression` is used instead.
        operations: Values of the dimension `Operation` to add the metric up over; at most ten.
        expression: Metric math over `metrics`.
        metrics: Id to metric, for `expression`; at most ten.
        query: CloudWatch Metrics Insights query, where a dimension's value is not documented. An account has 200
            alarms on queries in a Region.
        threshold: The alarm rings when the value is this high or higher, or lower, as `comparison` says.
        dimensions: Dimension to value.
        periods: Of this many last periods...
        periods_to_alarm: ...this many have to reach the threshold.
        comparison: How the value is compared with the threshold, in CloudWatch's words.
        missing_data: What a period without data means. DynamoDB and Lambda publish nothing where they count nothing.
    """

    name: str
    description: str
    threshold: float
    namespace: str = "AWS/DynamoDB"
    metric: str = ""
    operations: tuple[str, ...] = ()
    expression: str = ""
    metrics: dict[str, Metric] = field(default_factory=dict)
    query: str = ""
    statistic: str = "Sum"
    dimensions: dict[str, str] = field(default_factory=dict)
    period: int = 60
    periods: int = 1
    periods_to_alarm: int = 1
    comparison: str = "GreaterThanOrEqualToThreshold"
    missing_data: str = "notBreaching"


def table_measures(table_name: str, indexes: Iterable[str], latency_milliseconds: float) -> Iterator[Measure]:
    """Return what is watched of the table itself. `indexes` are the global secondary indexes."""
    yield from _throttles("", {"TableName": table_name})
    for index in indexes:
        # A throttled index throttles writes to its table, and its events carry only the index's dimension.
        yield from _throttles(f"-{index}", {"TableName": table_name, "GlobalSecondaryIndexName": index})
    yield _system_errors("SystemErrors", "to this table", table_name, _ITEM_OPERATIONS)
    yield _system_errors(
        "SystemErrors-PartiQL",
        "with PartiQL statements, or reads of the table's stream,",
        table_name,
        _STATEMENT_AND_STREAM_OPERATIONS,
    )
    yield Measure(
        name="UserErrors",
        description=(
            "DynamoDB refused many requests as invalid. It counts them per account and Region only, "
            "so they may concern another table."
        ),
        metric="UserErrors",
        threshold=10,
        periods=5,
        periods_to_alarm=3,
    )
    for operation in _LATENCY_OPERATIONS:
        yield Measure(
            name=f"Latency-{operation}",
            description=f"Successful {operation} requests to this table are slow on average.",
            metric="SuccessfulRequestLatency",
            dimensions={"TableName": table_name, "Operation": operation},
            statistic="Average",
            threshold=latency_milliseconds,
            periods=5,
            periods_to_alarm=3,
        )


def _system_errors(name: str, requests: str, table_name: str, operations: tuple[str, ...]) -> Measure:
    return Measure(
        name=name,
        description=f"DynamoDB answered requests {requests} with internal errors. See the AWS Health Dashboard.",
        metric="SystemErrors",
        dimensions={"TableName": table_name},
        operations=operations,
        threshold=1,
        # One of five: a metric that arrives late is filled with 0 until then, which one period alone would believe.
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
        periods=5,
        periods_to_alarm=1,
    )


def _throttles(suffix: str, dimensions: dict[str, str]) -> Iterator[Measure]:
    for kind in ("Read", "Write"):
        yield Measure(
            name=f"{kind}Throttles{suffix}",
            description=f"{kind}s were throttled. See Contributor Insights for the keys, then the capacity.",
            metric=f"{kind}ThrottleEvents",
            dimensions=dimensions,
            threshold=1,
            periods=5,
            periods_to_alarm=2,
        )


def backup_measure(vault_name: str) -> Measure:
    """Return what is watched of the backups in a vault of the table's own.

    The plan starts a job each day at 05:00 UTC, within 8 hours. Two days without one mean that a job was never started,
    for which there is no event: AWS Backup is switched off for DynamoDB in the account, or the selection is gone.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html
    """
    return Measure(
        name="BackupMissing",
        description=(
            "No backup of this table has completed for two days. See AWS Backup's jobs, then its service opt-in for "
            "DynamoDB. A new table is in this state until its first backup."
        ),
        namespace="AWS/Backup",
        metric="NumberOfBackupJobsCompleted",
        dimensions={"BackupVaultName": vault_name},
        threshold=1,
        comparison="LessThanThreshold",
        missing_data="breaching",
        period=24 * 60 * 60,
        periods=2,
        periods_to_alarm=2,
    )


def audit_measures(
    table_name: str, function_name: str, event_source_id: str, iterator_age_milliseconds: float
) -> Iterator[Measure]:
    """Return what is watched of the audit function, so that no record goes missing unnoticed."""
    function = {"FunctionName": function_name}
    event_source = {"EventSourceMappingUUID": event_source_id}
    yield Measure(
        name="AuditErrors",
        # A record that fails alone is no error of the function; it alarms when it reaches the failure destination.
        description="The audit function failed as a whole. Its records are tried again, then kept in a bucket.",
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions=function,
        threshold=1,
    )
    yield Measure(
        name="AuditThrottles",
        description="The audit function was not allowed to run. Records wait in the stream, at most 24 hours.",
        namespace="AWS/Lambda",
        metric="Throttles",
        dimensions=function,
        threshold=1,
        periods=5,
        periods_to_alarm=3,
    )
    yield Measure(
        name="AuditIteratorAge",
        description="The audit log lags behind the table. The stream forgets records after 24 hours.",
        namespace="AWS/Lambda",
        metric="IteratorAge",
        dimensions=function,
        statistic="Maximum",
        threshold=iterator_age_milliseconds,
    )
    yield Measure(
        name="AuditFailureDestination",
        description="Changes could not be logged and are kept in the audit failure bucket instead.",
        namespace="AWS/Lambda",
        metric="OnFailureDestinationDeliveredEventCount",
        dimensions=event_source,
        threshold=1,
    )
    yield Measure(
        name="AuditDroppedRecords",
        description="Changes were neither logged nor kept in the audit failure bucket: they are lost.",
        namespace="AWS/Lambda",
        metric="DroppedEventCount",
        dimensions=event_source,
        threshold=1,
    )
    yield Measure(
        name="AuditFilteredRecords",
        description=(
            "The audit function's event source mapping has a filter, which dropped changes: they are not logged. "
            "Remove its FilterCriteria. Within 24 hours a new mapping with TRIM_HORIZON still reads what was dropped."
        ),
        namespace="AWS/Lambda",
        metric="FilteredOutEventCount",
        dimensions=event_source,
        threshold=1,
    )
    yield _unread_writes(table_name, event_source)


def _unread_writes(table_name: str, event_source: dict[str, str]) -> Measure:
    """Return what is watched of a mapping that no longer reads, and then counts nothing itself.

    Three hours in a row, because writes that change nothing, or whose condition fails, consume capacity without a
    record in the stream; 21 hours are then left to read it. Lambda counts polled records before it filters them.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
    """
    return Measure(
        name="AuditUnreadWrites",
        description=(
            "The table was written to for three hours, but Lambda read no change from its stream, which forgets "
            "changes after 24 hours. See whether the audit function's event source mapping is enabled and reads the "
            "table's latest stream. Writes that change nothing, or whose conditions all fail, look the same."
        ),
        # What is switched off publishes nothing.
        expression="IF(FILL(written, 0) > 0 AND FILL(polled, 0) == 0, 1, 0)",
        metrics={
            "written": Metric("AWS/DynamoDB", "ConsumedWriteCapacityUnits", {"TableName": table_name}),
            "polled": Metric("AWS/Lambda", "PolledEventCount", event_source),
        },
        threshold=1,
        period=60 * 60,
        periods=3,
        periods_to_alarm=3,
    )


def perimeter_measure(metric: str) -> Measure:
    """Return what is watched of a perimeter that is observed."""
    return Measure(
        name="PerimeterRequestsFromOutside",
        description=(
            "Requests came from outside of the table's perimeter; ENFORCE would deny them. "
            "See the data events in the perimeter's log group."
        ),
        namespace=PERIMETER_NAMESPACE,
        metric=metric,
        threshold=1,
        period=300,
    )


def archive_measures(delivery_stream_name: str, log_group_name: str) -> Iterator[Measure]:
    """Return what is watched of the archive, so that no line of the audit log is missing there unnoticed."""
    stream = {"DeliveryStreamName": delivery_stream_name}
    yield Measure(
        name="AuditArchiveDelay",
        description=(
            "Lines of the audit log have waited for an hour to be archived. Firehose forgets them after 24 hours. "
            "See the archive's error log."
        ),
        namespace="AWS/Firehose",
        metric="DeliveryToS3.DataFreshness",
        dimensions=stream,
        statistic="Maximum",
        threshold=_LONGEST_ARCHIVE_DELAY_SECONDS,
    )
    yield Measure(
        name="AuditArchiveUnreadable",
        description="Firehose could not unpack lines of the audit log. They are in the archive under errors/.",
        namespace="AWS/Firehose",
        metric="OutputDecompressedRecords.Failed",
        dimensions=stream,
        threshold=1,
    )
    yield Measure(
        name="AuditArchiveErrors",
        description="CloudWatch Logs could not hand lines of the audit log to Firehose. See its role and the key.",
        query=_deliveries("DeliveryErrors", log_group_name),
        threshold=1,
    )
    yield Measure(
        name="AuditArchiveThrottles",
        description="Firehose takes lines of the audit log too slowly. CloudWatch Logs tries for 24 hours.",
        query=_deliveries("DeliveryThrottling", log_group_name),
        threshold=1,
        periods=5,
        periods_to_alarm=3,
    )


def _deliveries(metric: str, log_group_name: str) -> str:
    # AWS publishes these metrics with all three dimensions, and does not document the value of DestinationType for
    # Firehose. A query does not need it.
    return (
        f'SELECT SUM({metric}) FROM SCHEMA("AWS/Logs", DestinationType, FilterName, LogGroupName) '  # noqa: S608
        f"WHERE LogGroupName = '{log_group_name}'"
    )
