"""The measures of the table itself, with their alarm thresholds. Nothing here loads CDK.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.monitoring.measure import Measure, Metric
from secure_ddb.monitoring.use import key_requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Single-item calls, and the query whose latency users feel.
_LATENCY_OPERATIONS = ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
# Calls that take as long as they are large.
_BULK_OPERATIONS = ("BatchGetItem", "BatchWriteItem", "Scan", "TransactGetItems", "TransactWriteItems")

# The dimensions of a global secondary index's own metrics.
_INDEX = "GlobalSecondaryIndexName"


def table_measures(table_name: str, indexes: Iterable[str], latency_milliseconds: float) -> Iterator[Measure]:
    """Return the measures of one table. `indexes` are its global secondary indexes."""
    yield _throttles("Throttles", {"TableName": table_name})
    for index in indexes:
        # A throttled index throttles writes to its table, and its events carry only the index's dimension.
        yield _throttles(f"Throttles-{index}", {"TableName": table_name, _INDEX: index})
    yield _system_errors("this table", f"WHERE TableName = '{table_name}'")
    yield user_errors()
    yield _latency("Latency", _LATENCY_OPERATIONS, table_name, latency_milliseconds)


def tables_measures(latency_milliseconds: float, bulk_milliseconds: float | None) -> Iterator[Measure]:
    """Return the measures of all tables of an account and Region together; each alarm names the tables it is about.

    Those on scans, batches and transactions are left out without a threshold: each query is billed for every table that
    it finds.

    Queries find the tables that there are, those without a `SecureTable` included. A query that returns several series
    raises its alarm for each of them.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
    """
    for kind in ("Read", "Write"):
        yield _query_throttles(f"{kind}Throttles", f"{kind}ThrottleEvents", "TableName")
        yield _query_throttles(f"{kind}Throttles-Indexes", f"{kind}ThrottleEvents", f"{_INDEX}, TableName")
    yield _system_errors("these tables", "GROUP BY TableName")
    yield user_errors()
    thresholds = dict.fromkeys(_LATENCY_OPERATIONS, ("Latency", latency_milliseconds))
    if bulk_milliseconds is not None:
        thresholds |= dict.fromkeys(_BULK_OPERATIONS, ("BulkLatency", bulk_milliseconds))
    for operation, (name, milliseconds) in thresholds.items():
        yield Measure(
            name=f"{name}-{operation}",
            description=f"Successful {operation} requests to these tables are slow on average. {_SLOW}",
            query=_query(
                "AVG(SuccessfulRequestLatency)",
                "Operation, TableName",
                f"WHERE Operation = '{operation}' GROUP BY TableName",
            ),
            threshold=milliseconds,
            periods=5,
            periods_to_alarm=3,
        )
    yield key_requests()


def user_errors() -> Measure:
    """Return the measures of refused requests, which DynamoDB counts for an account and Region only."""
    return Measure(
        name="UserErrors",
        description=(
            "DynamoDB refused many requests as invalid. It counts them only per account and Region, so they may "
            "concern another table. First check the latest deployment: a wrong key, expression or token causes this. "
            "CloudTrail's data events, if a trail selects them, show the role and the error."
        ),
        metric="UserErrors",
        threshold=10,
        periods=5,
        periods_to_alarm=3,
    )


def bulk_latency(table_name: str, milliseconds: float) -> Measure:
    """Return the measures of scans, batches and transactions."""
    return _latency("BulkLatency", _BULK_OPERATIONS, table_name, milliseconds)


_SLOW = (
    "First check throttles and the AWS Health Dashboard; then whether items or pages have grown, and whether all "
    "operations are slow or only one. The metric does not include the network."
)


def _latency(name: str, operations: Iterable[str], table_name: str, milliseconds: float) -> Measure:
    metrics = {
        f"{operation[0].lower()}{operation[1:]}": Metric(
            "AWS/DynamoDB", "SuccessfulRequestLatency", {"TableName": table_name, "Operation": operation}
        )
        for operation in operations
    }
    return Measure(
        name=name,
        description=f"Successful {', '.join(operations)} requests to this table are slow on average. {_SLOW}",
        # DynamoDB publishes no data points for an operation without calls.
        expression=f"MAX([{', '.join(f'FILL({each}, 0)' for each in metrics)}])",
        metrics=metrics,
        statistic="Average",
        threshold=milliseconds,
        periods=5,
        periods_to_alarm=3,
    )


def _system_errors(tables: str, of_tables: str) -> Measure:
    return Measure(
        name="SystemErrors",
        description=(
            f"DynamoDB answered requests to {tables} with internal errors. SDKs retry them. First check the AWS Health "
            "Dashboard. If it shows no problem and the errors continue, open a case with AWS Support."
        ),
        # DynamoDB counts them for each operation; CloudWatch bills a query for the metrics that it finds, which are
        # none while there are no errors.
        query=_query("SUM(SystemErrors)", "Operation, TableName", of_tables),
        threshold=1,
        # One of five, because a metric may arrive late.
        periods=5,
        periods_to_alarm=1,
    )


_THROTTLED = (
    "were throttled: callers wait or get errors. First check which: KeyRangeThroughputThrottleEvents indicate a hot "
    "key, shown by Contributor Insights if it is on; ProvisionedThroughput or MaxOnDemandThroughput the table's own "
    "limit, which can be raised; AccountLimit the account's quota. A throttled index also throttles writes."
)


def _throttles(name: str, dimensions: dict[str, str]) -> Measure:
    return Measure(
        name=name,
        description=f"Reads or writes {_THROTTLED}",
        expression="FILL(reads, 0) + FILL(writes, 0)",
        metrics={
            "reads": Metric("AWS/DynamoDB", "ReadThrottleEvents", dimensions),
            "writes": Metric("AWS/DynamoDB", "WriteThrottleEvents", dimensions),
        },
        threshold=1,
        periods=5,
        periods_to_alarm=2,
    )


def _query_throttles(name: str, metric: str, dimensions: str) -> Measure:
    return Measure(
        name=name,
        description=f"{metric.removesuffix('ThrottleEvents')}s of these tables {_THROTTLED}",
        query=_query(f"SUM({metric})", dimensions, f"GROUP BY {dimensions}"),
        threshold=1,
        periods=5,
        periods_to_alarm=2,
    )


def _query(selected: str, dimensions: str, rest: str) -> str:
    """Write a Metrics Insights query.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
    """
    return f'SELECT {selected} FROM SCHEMA("AWS/DynamoDB", {dimensions}) {rest}'  # noqa: S608 - no database
