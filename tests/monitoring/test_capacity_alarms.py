"""The alarm on capacity follows the billing mode: provisioned capacity, an on-demand maximum, or no limit at all."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk.aws_dynamodb import Billing, Capacity, GlobalSecondaryIndexPropsV2

from tests.monitoring.making import alone, expression_of, metrics_of
from tests.monitoring.metric_math import value_of
from tests.orders import SK

PROVISIONED = Billing.provisioned(read_capacity=Capacity.fixed(10), write_capacity=Capacity.autoscaled(max_capacity=20))
INDEX: dict[str, Any] = {"index_name": "by-status", "partition_key": SK}


def test_table_without_a_limit_has_none() -> None:
    for billing in (None, Billing.on_demand()):
        assert "OrdersCapacityUse" not in alone(billing=billing).alarms()


def test_provisioned_table_and_its_index_compare_with_what_is_provisioned_now() -> None:
    indexes = [GlobalSecondaryIndexPropsV2(**INDEX)]
    alarms = alone(billing=PROVISIONED, sort_key=SK, global_secondary_indexes=indexes).alarms()
    found = metrics_of(alarms["OrdersCapacityUse"])
    assert {name: stated[:2] for name, stated in found.items()} == {
        "reads": ("ConsumedReadCapacityUnits", "Sum"),
        "mostReads": ("ProvisionedReadCapacityUnits", "Maximum"),
        "writes": ("ConsumedWriteCapacityUnits", "Sum"),
        "mostWrites": ("ProvisionedWriteCapacityUnits", "Maximum"),
    }
    assert {tuple(stated[2]) for stated in found.values()} == {("TableName",)}
    of_index = metrics_of(alarms["OrdersCapacityUsebystatus"])
    assert all(stated[2]["GlobalSecondaryIndexName"] == "by-status" for stated in of_index.values())


@pytest.mark.parametrize(
    ("consumed", "percent"),
    [
        # 10 units a second for five minutes are 3,000.
        ({"reads": 3000, "writes": None}, 100),
        ({"reads": None, "writes": 1500}, 50),
        ({"reads": 300, "writes": 2700}, 90),
        ({"reads": None, "writes": None}, 0),
    ],
)
def test_use_is_the_larger_part_in_percent(consumed: dict[str, float | None], percent: float) -> None:
    alarm = alone(billing=PROVISIONED).alarms()["OrdersCapacityUse"]
    assert alarm["Threshold"] == 90
    limits = {"mostReads": 10, "mostWrites": 10}
    assert value_of(expression_of(alarm), {**consumed, **limits}) == pytest.approx(percent)


def test_on_demand_maximum_of_writes_only() -> None:
    alarm = alone(billing=Billing.on_demand(max_write_request_units=50)).alarms()["OrdersCapacityUse"]
    assert [stated[0] for stated in metrics_of(alarm).values()] == [
        "ConsumedWriteCapacityUnits",
        "OnDemandMaxWriteRequestUnits",
    ]
    # Until the limit is published there is nothing to compare with.
    assert value_of(expression_of(alarm), {"writes": 5, "mostWrites": None}) == 0


def test_on_demand_maximum_of_reads_and_of_an_index() -> None:
    indexes = [GlobalSecondaryIndexPropsV2(**INDEX, max_read_request_units=5)]
    alarms = alone(
        billing=Billing.on_demand(max_read_request_units=50), sort_key=SK, global_secondary_indexes=indexes
    ).alarms()
    for name in ("OrdersCapacityUse", "OrdersCapacityUsebystatus"):
        assert [stated[0] for stated in metrics_of(alarms[name]).values()] == [
            "ConsumedReadCapacityUnits",
            "OnDemandMaxReadRequestUnits",
        ]
