"""A table that nobody uses, reads that are unusual, requests that are slow because they are large, and AWS KMS."""

from __future__ import annotations

import pytest
from aws_cdk import Duration
from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2

from secure_ddb import AlarmSettings, DataClassification
from tests.monitoring.making import alone, expression_of, metrics_of, sharing
from tests.monitoring.metric_math import value_of
from tests.orders import INSIDE, SK
from tests.template import text

BULK = ["BatchGetItem", "BatchWriteItem", "Scan", "TransactGetItems", "TransactWriteItems"]
OPTIONAL = {"OrdersUnused", "OrdersUnusualReads", "OrdersBulkLatency", "OrdersCapacityUse"}


def test_table_has_none_of_them_unless_asked() -> None:
    assert not OPTIONAL & alone().alarms().keys()
    shared = sharing({}).alarms()
    assert len([name for name in shared if name.startswith("Carts")]) == 3


def test_unused_table_is_one_without_reads_and_writes_on_each_of_the_days() -> None:
    index = GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)
    alarm = alone(sort_key=SK, global_secondary_indexes=[index], alarms=AlarmSettings(unused_days=7)).alarms()[
        "OrdersUnused"
    ]
    assert [stated[0] for stated in metrics_of(alarm).values()] == [
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ConsumedReadCapacityUnits",
    ]
    unused = dict.fromkeys(metrics_of(alarm))
    assert value_of(expression_of(alarm), unused) == 0
    for name in unused:
        assert value_of(expression_of(alarm), {**unused, name: 0.5}) == 0.5
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "LessThanOrEqualToThreshold")
    assert alarm["EvaluationPeriods"] == alarm["DatapointsToAlarm"] == 7
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    (period,) = {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each}
    assert period * alarm["EvaluationPeriods"] <= 604800
    assert alarm["AlarmDescription"].startswith("Cost notice, nothing is broken")


def test_unusual_reads_of_restricted_data_are_above_a_band_that_cloudwatch_learns() -> None:
    alarm = alone(classification=DataClassification.RESTRICTED, perimeter=INSIDE).alarms()["OrdersUnusualReads"]
    assert "Threshold" not in alarm
    assert (alarm["ThresholdMetricId"], alarm["ComparisonOperator"]) == ("band", "GreaterThanUpperThreshold")
    assert expression_of(alarm) == "ANOMALY_DETECTION_BAND(usual, 4)"
    assert all(each["ReturnData"] for each in alarm["Metrics"])
    assert metrics_of(alarm)["usual"][:2] == ("ConsumedReadCapacityUnits", "Sum")


def test_width_of_the_band_can_be_chosen() -> None:
    alarm = alone(alarms=AlarmSettings(unusual_reads=2.5)).alarms()["OrdersUnusualReads"]
    assert expression_of(alarm) == "ANOMALY_DETECTION_BAND(usual, 2.5)"


def test_scans_batches_and_transactions_have_a_latency_of_their_own() -> None:
    alarm = alone(alarms=AlarmSettings(bulk_latency=Duration.seconds(2))).alarms()["OrdersBulkLatency"]
    assert sorted(stated[2]["Operation"] for stated in metrics_of(alarm).values()) == BULK
    assert alarm["Threshold"] == 2000
    restricted = alone(classification=DataClassification.RESTRICTED, perimeter=INSIDE)
    assert restricted.alarms()["OrdersBulkLatency"]["Threshold"] == 1000


def test_shared_queries_cover_deletes_always_and_the_others_when_asked() -> None:
    usual = sharing({}).alarms()
    assert "Operation = 'DeleteItem'" in text(expression_of(usual["SharedLatencyDeleteItem"]))
    assert not [name for name in usual if "BulkLatency" in name]
    asked = sharing({"alarms": AlarmSettings(bulk_latency=Duration.seconds(1))}).alarms()
    assert sorted(name.removeprefix("SharedBulkLatency") for name in asked if "BulkLatency" in name) == BULK
    assert not [name for name in asked if name.startswith("CartsBulkLatency")]


def test_requests_to_kms_are_compared_with_the_quota() -> None:
    alarm = sharing({}).alarms()["SharedKeyRequests"]
    assert expression_of(alarm) == "requests / SERVICE_QUOTA(requests) * 100"
    name, statistic, dimensions = metrics_of(alarm)["requests"]
    assert (name, statistic) == ("CallCount", "Sum")
    assert dimensions == {
        "Type": "API",
        "Service": "KMS",
        "Resource": "CryptographicOperationsSymmetric",
        "Class": "None",
    }


@pytest.mark.parametrize("settings", [AlarmSettings(unused_days=2), AlarmSettings(unusual_reads=3)])
def test_shared_settings_give_each_table_what_only_it_can_have(settings: AlarmSettings) -> None:
    alarms = sharing({"alarms": settings}).alarms()
    assert len([name for name in alarms if name.startswith("CartsUnus")]) == 1
    assert not [name for name in alarms if name.startswith("SharedUnus")]


def test_every_description_says_what_to_look_at() -> None:
    settings = AlarmSettings(unused_days=2, unusual_reads=3, bulk_latency=Duration.seconds(1))
    for template in (alone(alarms=settings), sharing({"alarms": settings})):
        for name, alarm in template.alarms().items():
            said = alarm["AlarmDescription"]
            assert any(word in said for word in ("First ", "See ", "Check ", "Find out ", "Ask ", "remove ")), name
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
            assert 80 < len(said) <= 1024, name
