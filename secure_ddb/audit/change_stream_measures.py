"""The measures of a table's changes on their way into a Kinesis stream, and of its readers. Plain data.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#DynamoDB
https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.monitoring.measure import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator

_LATE_MILLISECONDS = 5 * 60 * 1000
_FIVE_MINUTES = 300


def change_stream_measures(table_name: str, stream_name: str, retention_milliseconds: int) -> Iterator[Measure]:
    """Return the measures. DynamoDB's metrics have a dimension with an undocumented value, so they take queries."""
    yield Measure(
        name="ChangesNotReplicated",
        description=(
            "Changes are missing in the Kinesis stream for good: as records they are larger than Kinesis takes. The "
            "table's own stream has them for 24 hours."
        ),
        query=_query("SUM(FailedToReplicateRecordCount)", table_name),
        threshold=1,
    )
    yield Measure(
        name="ChangesReplicatedLate",
        description=(
            "Changes reach the Kinesis stream more than five minutes late. DynamoDB may lack permissions for the "
            "stream or its key, the key may be disabled, or the stream has too few shards."
        ),
        query=_query("MAX(AgeOfOldestUnreplicatedRecord)", table_name),
        threshold=_LATE_MILLISECONDS,
        period=_FIVE_MINUTES,
        periods=3,
        periods_to_alarm=3,
    )
    yield Measure(
        name="ChangesThrottled",
        description="The Kinesis stream refuses changes for want of capacity; DynamoDB tries them again. Add shards.",
        query=_query("SUM(ThrottledPutRecordCount)", table_name),
        threshold=1,
        periods=10,
        periods_to_alarm=10,
    )
    yield Measure(
        name="ChangesNotRead",
        description="A reader of the Kinesis stream lags behind by half of the time for which changes are kept.",
        namespace="AWS/Kinesis",
        metric="GetRecords.IteratorAgeMilliseconds",
        statistic="Maximum",
        dimensions={"StreamName": stream_name},
        threshold=retention_milliseconds // 2,
        period=_FIVE_MINUTES,
        periods=3,
        periods_to_alarm=3,
    )


def _query(selected: str, table_name: str) -> str:
    schema = 'SCHEMA("AWS/DynamoDB", DelegatedOperation, TableName)'
    return f"SELECT {selected} FROM {schema} WHERE TableName = '{table_name}'"  # noqa: S608 - no database
