"""The measures of the audit trail and its archive, with their alarm thresholds.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html,
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.monitoring.measure import Measure, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

# Four times as long as Firehose collects lines; it keeps them for 24 hours.
_LONGEST_ARCHIVE_DELAY_SECONDS = 60 * 60


def function_measures(function_name: str, iterator_age_milliseconds: float) -> Iterator[Measure]:
    """Return the measures of an audit function, so that no record waits unnoticed."""
    function = {"FunctionName": function_name}
    yield Measure(
        name="AuditErrors",
        # A record that fails alone is no error of the function; it alarms when it reaches the failure destination.
        description=(
            "The audit function failed. Its records are retried, then kept in a bucket; nothing is lost. First check "
            "recent deployments and changes to its key, role and log group. Lines in the audit log that are not "
            "records are the function's own errors."
        ),
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions=function,
        threshold=1,
    )
    yield Measure(
        name="AuditThrottles",
        description=(
            "The audit function was throttled. Records wait in the stream for at most 24 hours. First check the "
            "account's concurrent Lambda executions: another function may be using them up. Then request a higher "
            "quota."
        ),
        namespace="AWS/Lambda",
        metric="Throttles",
        dimensions=function,
        threshold=1,
        periods=5,
        periods_to_alarm=3,
    )
    yield Measure(
        name="AuditIteratorAge",
        description=(
            "The audit log lags behind the table. The stream keeps records for only 24 hours. First check AuditErrors "
            "and AuditThrottles, then whether the table has more writes than the function can process."
        ),
        namespace="AWS/Lambda",
        metric="IteratorAge",
        dimensions=function,
        statistic="Maximum",
        threshold=iterator_age_milliseconds,
    )


def mapping_measures(table_name: str, event_source_id: str) -> Iterator[Measure]:
    """Return the measures of a table's event source mapping, so that no record goes missing unnoticed."""
    event_source = {"EventSourceMappingUUID": event_source_id}
    yield Measure(
        name="AuditFailureDestination",
        description=(
            "Changes could not be logged and are kept in the audit failure bucket. First check AuditErrors, then the "
            "lines in the audit log that are not records. Fix the cause, then run secure-ddb audit replay."
        ),
        namespace="AWS/Lambda",
        metric="OnFailureDestinationDeliveredEventCount",
        dimensions=event_source,
        threshold=1,
    )
    yield Measure(
        name="AuditLostRecords",
        description=(
            "Changes were not logged. Either the event source mapping has a filter: remove its FilterCriteria; for 24 "
            "hours, a new mapping with TRIM_HORIZON can still read the records that it dropped. Or Lambda dropped "
            "records that it could neither pass to the audit function nor store in the failure bucket: these are lost."
        ),
        namespace="AWS/Lambda",
        expression="FILL(filtered, 0) + FILL(dropped, 0)",
        metrics={
            "filtered": Metric("AWS/Lambda", "FilteredOutEventCount", event_source),
            "dropped": Metric("AWS/Lambda", "DroppedEventCount", event_source),
        },
        threshold=1,
        # One of five: a metric that arrives late is filled with 0 until then, which one period alone would believe.
        periods=5,
        periods_to_alarm=1,
    )
    yield _unread_writes(table_name, event_source)


def _unread_writes(table_name: str, event_source: dict[str, str]) -> Measure:
    """Return the measures of a mapping that no longer reads, and then counts nothing itself.

    Three hours in a row, because writes that change nothing, or whose condition fails, consume capacity without a
    record in the stream; 21 hours are then left to read it. Lambda counts polled records before it filters them.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
    """
    return Measure(
        name="AuditUnreadWrites",
        description=(
            "The table was written to for three hours, but Lambda read no changes from its stream, which keeps "
            "changes for 24 hours. Check that the audit function's event source mapping is enabled and reads the "
            "table's latest stream. Writes that change nothing, or whose conditions all fail, look the same."
        ),
        # Disabled resources publish no metrics.
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


def archive_measures(delivery_stream_name: str) -> Iterator[Measure]:
    """Return the measures of the way into an archive, so that no line is missing there unnoticed."""
    stream = {"DeliveryStreamName": delivery_stream_name}
    yield Measure(
        name="AuditArchiveDelay",
        description=(
            "Lines of the audit log have been waiting for an hour to be archived. Firehose drops them after 24 hours. "
            "Check the archive's error log."
        ),
        namespace="AWS/Firehose",
        metric="DeliveryToS3.DataFreshness",
        dimensions=stream,
        statistic="Maximum",
        threshold=_LONGEST_ARCHIVE_DELAY_SECONDS,
    )
    yield Measure(
        name="AuditArchiveUnreadable",
        description="Firehose could not decompress lines of the audit log. They are in the archive under errors/.",
        namespace="AWS/Firehose",
        metric="OutputDecompressedRecords.Failed",
        dimensions=stream,
        threshold=1,
    )


def subscription_measures(log_group_name: str) -> Iterator[Measure]:
    """Return the measures of the way out of a log group, to an archive of this account or of another."""
    yield Measure(
        name="AuditArchiveErrors",
        description="CloudWatch Logs could not deliver lines of the audit log to Firehose. Check its role and the key.",
        query=_deliveries("DeliveryErrors", log_group_name),
        threshold=1,
    )
    yield Measure(
        name="AuditArchiveThrottles",
        description="Firehose throttles lines of the audit log. CloudWatch Logs retries for 24 hours.",
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
