"""The widgets of a dashboard, as plain data. Nothing here loads CDK.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html,
https://docs.aws.amazon.com/kms/latest/developerguide/monitoring-cloudwatch.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MINUTE, _HOUR, _DAY = 60, 60 * 60, 24 * 60 * 60
_DYNAMODB = "AWS/DynamoDB"
# A dashboard is 24 wide.
_COLUMNS, _WIDTH, _HEIGHT = 2, 12, 6
# Operations that a call waits for; all others are in the alarms.
_LATENCY_OPERATIONS = ("GetItem", "PutItem", "Query", "UpdateItem", "DeleteItem", "Scan")
_LATENCY_ON_TOP = 100
MOST_ALARMS = 100

Widget = dict[str, Any]
Metrics = list[list[Any]]


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """A dashboard's metrics of a table.

    Attributes:
        name: Its name.
        indexes: Its global secondary indexes.
        key_arn: ARN of its key.
        function_name: Name of the audit function; empty if it has none of this app.
        log_group_name: Name of the audit log; empty likewise.
        vault_name: Name of the backup vault; empty likewise.
    """

    name: str
    indexes: Sequence[str] = ()
    key_arn: str
    function_name: str = ""
    log_group_name: str = ""
    vault_name: str = ""


def dashboard_body(tables: Sequence[ShownTable], alarm_arns: Sequence[str], region: str) -> dict[str, Any]:
    """Return the body of a dashboard: alarms, then graphs in two columns."""
    widgets = []
    if alarm_arns:
        alarms = {"title": "Alarms", "alarms": list(alarm_arns[:MOST_ALARMS])}
        widgets.append({"type": "alarm", "x": 0, "y": 0, "width": 24, "height": 3, "properties": alarms})
    top = 3 if widgets else 0
    for position, graph in enumerate(_graphs(tables)):
        row, column = divmod(position, _COLUMNS)
        place = {"x": column * _WIDTH, "y": top + row * _HEIGHT, "width": _WIDTH, "height": _HEIGHT}
        widgets.append({"type": "metric", **place, "properties": {"region": region, "view": "timeSeries", **graph}})
    return {"start": "-P1D", "periodOverride": "inherit", "widgets": widgets}


def _graphs(tables: Sequence[ShownTable]) -> Iterator[Widget]:
    yield _graph("Traffic: reads, capacity units a minute", _consumed(tables, "Read"), period=_MINUTE)
    yield _graph("Traffic: writes, capacity units a minute", _consumed(tables, "Write"), period=_MINUTE)
    yield _graph("Throttles: events a minute", [*_throttles(tables)], period=_MINUTE)
    yield {
        **_graph("Latency: average in milliseconds", [*_latency(tables)], period=_MINUTE, stat="Average"),
        "annotations": {"horizontal": [{"label": "Default of the alarm", "value": _LATENCY_ON_TOP}]},
    }
    yield _graph("Errors: refused, and of DynamoDB itself", [*_errors(tables)], period=_MINUTE)
    yield _graph("Cost: capacity units a day", [*_units_a_day(tables)], period=_DAY)
    yield _graph("Cost: audit log, bytes a day", _logged(tables), period=_DAY)
    yield _graph("Audit lag: age of the oldest change in milliseconds", [*_lag(tables)], period=_MINUTE, stat="Maximum")
    yield _graph("Backups: completed and failed jobs a day; a gap is the age", [*_backups(tables)], period=_DAY)
    yield _graph("Keys: successful requests; none for hours may be a lost key", [*_key_requests(tables)], period=_HOUR)
    yield _graph("Keys: requests in percent of the account's quota", _quota(), period=_MINUTE)
    expiry = [["AWS/KMS", "SecondsUntilKeyMaterialExpiration", "KeyId", _key_id(each)] for each in _by_key(tables)]
    yield _graph("Keys: seconds until imported material expires", expiry, period=_HOUR, stat="Minimum")


def _graph(title: str, metrics: Metrics, *, period: int, stat: str = "Sum") -> Widget:
    graph = {"title": title, "metrics": metrics, "period": period, "stat": stat}
    # Daily counts show little in one.
    return {**graph, "start": "-P14D"} if period == _DAY else graph


def _consumed(tables: Sequence[ShownTable], kind: str) -> Metrics:
    return [_metric(f"Consumed{kind}CapacityUnits", table, index) for table in tables for index in ("", *table.indexes)]


def _metric(name: str, table: ShownTable, index: str = "") -> list[Any]:
    of_index = ["GlobalSecondaryIndexName", index] if index else []
    return [_DYNAMODB, name, "TableName", table.name, *of_index]


def _throttles(tables: Sequence[ShownTable]) -> Iterator[list[Any]]:
    for table in tables:
        for index in ("", *table.indexes):
            yield _metric("ReadThrottleEvents", table, index)
            yield _metric("WriteThrottleEvents", table, index)


def _latency(tables: Sequence[ShownTable]) -> Iterator[list[Any]]:
    for table in tables:
        for operation in _LATENCY_OPERATIONS:
            yield [*_metric("SuccessfulRequestLatency", table), "Operation", operation]


def _errors(tables: Sequence[ShownTable]) -> Iterator[list[Any]]:
    yield [_DYNAMODB, "UserErrors", {"label": "UserErrors of the account"}]
    for number, table in enumerate(tables):
        yield [
            {
                "id": f"system{number}",
                "label": f"SystemErrors of {table.name}",
                "expression": f"SUM({_search(_DYNAMODB, 'Operation,TableName', 'SystemErrors', _MINUTE, table.name)})",
            }
        ]


def _units_a_day(tables: Sequence[ShownTable]) -> Iterator[list[Any]]:
    for table in tables:
        yield _metric("ConsumedReadCapacityUnits", table)
        yield _metric("ConsumedWriteCapacityUnits", table)


def _logged(tables: Sequence[ShownTable]) -> Metrics:
    names = dict.fromkeys(table.log_group_name for table in tables if table.log_group_name)
    return [["AWS/Logs", "IncomingBytes", "LogGroupName", name] for name in names]


def _lag(tables: Sequence[ShownTable]) -> Iterator[list[Any]]:
    for name in dict.fromkeys(table.function_name for table in tables if table.function_name):
        yield ["AWS/Lambda", "IteratorAge", "FunctionName", name]
        yield ["AWS/Lambda", "Errors", "FunctionName", name, {"stat": "Sum", "yAxis": "right"}]


def _backups(tables: Sequence[ShownTable]) -> Iterator[list[Any]]:
    for name in dict.fromkeys(table.vault_name for table in tables if table.vault_name):
        yield ["AWS/Backup", "NumberOfBackupJobsCompleted", "BackupVaultName", name]
        yield ["AWS/Backup", "NumberOfBackupJobsFailed", "BackupVaultName", name]


def _by_key(tables: Sequence[ShownTable]) -> list[ShownTable]:
    return list({table.key_arn: table for table in tables}.values())


def _key_requests(tables: Sequence[ShownTable]) -> Iterator[list[Any]]:
    for number, table in enumerate(_by_key(tables)):
        search = _search("AWS/KMS", "KeyArn,Operation", "SuccessfulRequest", _HOUR, table.key_arn)
        yield [{"id": f"key{number}", "label": f"Key of {table.name}", "expression": f"SUM({search})"}]


def _quota() -> Metrics:
    dimensions = ["Type", "API", "Service", "KMS", "Resource", "CryptographicOperationsSymmetric", "Class", "None"]
    requests = ["AWS/Usage", "CallCount", *dimensions, {"id": "requests", "visible": False}]
    return [[{"expression": "requests / SERVICE_QUOTA(requests) * 100", "label": "Percent", "id": "percent"}], requests]


def _key_id(table: ShownTable) -> str:
    return table.key_arn.rpartition("/")[2]


def _search(namespace: str, dimensions: str, metric: str, period: int, text: str) -> str:
    """Write a search for the metrics with a text among their dimensions, however many there are.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
    """
    return f"""SEARCH('{{{namespace},{dimensions}}} MetricName="{metric}" "{text}"', 'Sum', {period})"""
