"""The measures of a table's limits: provisioned capacity, or an on-demand maximum.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import BillingMode

from secure_ddb.monitoring.measure import Measure, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_cdk.aws_dynamodb import CfnGlobalTable, GlobalSecondaryIndexPropsV2

    from secure_ddb.dynamodb_table import MadeTable

# Of the limit that it nears, in percent. Auto scaling aims at 70 at first, and takes minutes to get there.
_MOST_PERCENT = 90
# Limits are published every five minutes.
_PERIOD = 5 * 60


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A throughput limit of a table or of one of its indexes.

    Attributes:
        index: The global secondary index; empty for the table.
        metric: Name of the metric that publishes the limit, without `Read` or `Write`.
        kinds: Which of reads and writes it limits.
    """

    index: str
    metric: tuple[str, str]
    kinds: Sequence[str]


_PROVISIONED = ("Provisioned", "CapacityUnits")
_ON_DEMAND = ("OnDemandMax", "RequestUnits")
_BOTH = ("Read", "Write")


def capacity_measures(table: MadeTable) -> Iterator[Measure]:
    """Return the measures of a table's limits.

    On demand without a maximum, the only limit is the account's quota, at which throttling raises an alarm.
    """
    for limit in _limits(table):
        yield capacity_measure(table.name, limit)


def capacity_measure(table_name: str, limit: Limit) -> Measure:
    """Return the measures of one limit."""
    dimensions = {"TableName": table_name}
    name, what = "CapacityUse", "this table"
    if limit.index:
        dimensions["GlobalSecondaryIndexName"] = limit.index
        name, what = f"CapacityUse-{limit.index}", f"index {limit.index} of this table"
    before, after = limit.metric
    metrics = {}
    for kind in limit.kinds:
        metrics[f"{kind.lower()}s"] = Metric("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", dimensions)
        metrics[f"most{kind}s"] = Metric("AWS/DynamoDB", f"{before}{kind}{after}", dimensions, "Maximum")
    parts = ", ".join(f"FILL({kind.lower()}s / most{kind}s, 0)" for kind in limit.kinds)
    kind = "provisioned capacity" if limit.metric == _PROVISIONED else "on-demand maximum"
    return Measure(
        name=name,
        description=(
            f"{what.capitalize()} uses nearly all of its {kind}, in percent; requests beyond it are throttled. First "
            "check whether the traffic is expected: which operations and, if Contributor Insights is on, which keys. "
            f"If it is, raise the {kind} now, and its maximum in the stack. If not, find the caller."
        ),
        expression=f"MAX([{parts}]) * 100 / {_PERIOD}",
        metrics=metrics,
        threshold=_MOST_PERCENT,
        period=_PERIOD,
        periods=3,
        periods_to_alarm=2,
    )


def _limits(table: MadeTable) -> Iterator[Limit]:
    arguments = table.arguments
    indexes = arguments.global_secondary_indexes or ()
    if arguments.billing is not None and arguments.billing.mode is BillingMode.PROVISIONED:
        for index in ("", *arguments.global_index_names):
            yield Limit(index=index, metric=_PROVISIONED, kinds=_BOTH)
        return
    if arguments.billing is not None and (kinds := _with_maximum(table)):
        yield Limit(index="", metric=_ON_DEMAND, kinds=kinds)
    for each in indexes:
        if kinds := _of_index(each):
            yield Limit(index=each.index_name, metric=_ON_DEMAND, kinds=kinds)


def _of_index(index: GlobalSecondaryIndexPropsV2) -> list[str]:
    most = {"Read": index.max_read_request_units, "Write": index.max_write_request_units}
    return [kind for kind, units in most.items() if units is not None]


def _with_maximum(table: MadeTable) -> list[str]:
    """Return which on-demand limits a table has, which `Billing` does not show."""
    resource = cast("CfnGlobalTable", table.resource.node.default_child)
    replicas: list[dict[str, Any]] = Stack.of(resource).resolve(resource.replicas)
    of_reads = any("readOnDemandThroughputSettings" in replica for replica in replicas)
    of_writes = resource.write_on_demand_throughput_settings is not None
    return [kind for kind, is_limited in (("Read", of_reads), ("Write", of_writes)) if is_limited]
