"""What is watched of the table itself, and from which value on it is worth an alarm. Nothing here talks to CDK.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.monitoring.measure import Measure

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
