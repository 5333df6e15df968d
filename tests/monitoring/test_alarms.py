"""Alarms, and a topic that really hears of them (MON-1, MON-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.monitoring.metric_math import value_of
from tests.template import statements, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template


@pytest.mark.parametrize(
    ("alarm", "metric", "dimension"),
    [
        ("OrdersAuditErrors", "AWS/Lambda Errors", "FunctionName"),
        ("OrdersAuditThrottles", "AWS/Lambda Throttles", "FunctionName"),
        ("OrdersAuditIteratorAge", "AWS/Lambda IteratorAge", "FunctionName"),
        (
            "OrdersAuditFailureDestination",
            "AWS/Lambda OnFailureDestinationDeliveredEventCount",
            "EventSourceMappingUUID",
        ),
    ],
)
def test_alarm_watches(minimal: Template, alarm: str, metric: str, dimension: str) -> None:
    types = {
        "FunctionName": "AWS::Lambda::Function",
        "EventSourceMappingUUID": "AWS::Lambda::EventSourceMapping",
    }
    (watched,) = minimal.of_type(types[dimension])
    properties = minimal.alarms()[alarm]
    assert f"{properties['Namespace']} {properties['MetricName']}" == metric
    dimensions = {item["Name"]: text(item["Value"]) for item in properties["Dimensions"]}
    assert dimensions == {dimension: f"<{watched}>"}


@pytest.mark.parametrize(
    ("alarm", "metric"),
    [
        ("OrdersAuditArchiveDelay", "DeliveryToS3.DataFreshness"),
        ("OrdersAuditArchiveUnreadable", "OutputDecompressedRecords.Failed"),
    ],
)
def test_alarm_watches_the_delivery_of_the_archive(
    template: Callable[[str], Template], alarm: str, metric: str
) -> None:
    archived = template("archived")
    (stream,) = archived.of_type("AWS::KinesisFirehose::DeliveryStream")
    properties = archived.alarms()[alarm]
    assert (properties["Namespace"], properties["MetricName"]) == ("AWS/Firehose", metric)
    assert {item["Name"]: text(item["Value"]) for item in properties["Dimensions"]} == {
        "DeliveryStreamName": f"<{stream}>"
    }


def test_delay_of_the_archive_alarms_long_before_firehose_forgets(template: Callable[[str], Template]) -> None:
    archived = template("archived")
    delay = archived.alarms()["OrdersAuditArchiveDelay"]
    stream = archived.properties("AWS::KinesisFirehose::DeliveryStream")["ExtendedS3DestinationConfiguration"]
    buffered = stream["BufferingHints"]["IntervalInSeconds"]
    assert delay["Statistic"] == "Maximum"
    assert 2 * buffered <= delay["Threshold"] <= 12 * 3600


@pytest.mark.parametrize(
    ("alarm", "metric"),
    [("OrdersAuditArchiveErrors", "DeliveryErrors"), ("OrdersAuditArchiveThrottles", "DeliveryThrottling")],
)
def test_alarm_watches_what_cloudwatch_logs_hands_over(
    template: Callable[[str], Template], alarm: str, metric: str
) -> None:
    archived = template("archived")
    log_group = archived.named("AWS::Logs::LogGroup", "OrdersAuditLogGroup")
    (query,) = archived.alarms()[alarm]["Metrics"]
    selected, _, source = text(query["Expression"]).partition(" FROM ")
    assert selected == f"SELECT SUM({metric})"
    assert source == (
        f"SCHEMA(\"AWS/Logs\", DestinationType, FilterName, LogGroupName) WHERE LogGroupName = '<{log_group}>'"
    )


def test_nothing_watches_an_archive_that_is_not_there(minimal: Template) -> None:
    assert not [name for name in minimal.alarms() if "Archive" in name]


def added_up(alarm: dict[str, Any]) -> tuple[str, dict[str, dict[str, Any]]]:
    """Return the expression that an alarm is raised on, and the metrics by the id that it uses for them."""
    (total,) = (each for each in alarm["Metrics"] if each["ReturnData"])
    metrics = {each["Id"]: each["MetricStat"] for each in alarm["Metrics"] if not each["ReturnData"]}
    return total["Expression"], metrics


@pytest.mark.parametrize(
    ("alarm", "metrics", "watched"),
    [
        ("OrdersThrottles", ["AWS/DynamoDB ReadThrottleEvents", "AWS/DynamoDB WriteThrottleEvents"], "TableName"),
        (
            "OrdersAuditLostRecords",
            ["AWS/Lambda DroppedEventCount", "AWS/Lambda FilteredOutEventCount"],
            "EventSourceMappingUUID",
        ),
    ],
)
def test_alarm_rings_for_either_of_two_counts(minimal: Template, alarm: str, metrics: list[str], watched: str) -> None:
    types = {"TableName": "AWS::DynamoDB::GlobalTable", "EventSourceMappingUUID": "AWS::Lambda::EventSourceMapping"}
    (resource,) = minimal.of_type(types[watched])
    properties = minimal.alarms()[alarm]
    expression, found = added_up(properties)
    assert sorted(f"{each['Metric']['Namespace']} {each['Metric']['MetricName']}" for each in found.values()) == metrics
    for each in found.values():
        assert (each["Stat"], each["Period"]) == ("Sum", 60)
        assert {item["Name"]: text(item["Value"]) for item in each["Metric"]["Dimensions"]} == {
            watched: f"<{resource}>"
        }
    for name in found:
        counts = dict.fromkeys(found) | {name: 1}
        assert value_of(expression, counts) == properties["Threshold"] == 1
    assert value_of(expression, dict.fromkeys(found)) == 0


def test_latency_alarm_rings_for_the_slowest_of_five_operations(minimal: Template) -> None:
    (table,) = minimal.of_type("AWS::DynamoDB::GlobalTable")
    expression, found = added_up(minimal.alarms()["OrdersLatency"])
    operations = {}
    for name, each in found.items():
        assert (each["Metric"]["MetricName"], each["Stat"]) == ("SuccessfulRequestLatency", "Average")
        dimensions = {item["Name"]: text(item["Value"]) for item in each["Metric"]["Dimensions"]}
        assert dimensions.pop("TableName") == f"<{table}>"
        operations[name] = dimensions.pop("Operation")
        assert not dimensions
    assert sorted(operations.values()) == ["DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"]
    assert expression == f"MAX([{', '.join(f'FILL({name}, 0)' for name in found)}])"


def test_system_errors_of_every_operation_are_added_up(minimal: Template) -> None:
    (table,) = minimal.of_type("AWS::DynamoDB::GlobalTable")
    alarm = minimal.alarms()["OrdersSystemErrors"]
    (query,) = alarm["Metrics"]
    assert text(query["Expression"]) == (
        f"SELECT SUM(SystemErrors) FROM SCHEMA(\"AWS/DynamoDB\", Operation, TableName) WHERE TableName = '<{table}>'"
    )
    # A metric may arrive late.
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"], alarm["Threshold"]) == (1, 5, 1)


def test_writes_that_the_mapping_does_not_read_ring_while_the_stream_still_has_them(minimal: Template) -> None:
    alarm = minimal.alarms()["OrdersAuditUnreadWrites"]
    expression, metrics = added_up(alarm)
    (table,) = minimal.of_type("AWS::DynamoDB::GlobalTable")
    (mapping,) = minimal.of_type("AWS::Lambda::EventSourceMapping")
    watched = {
        name: (
            each["Metric"]["Namespace"],
            each["Metric"]["MetricName"],
            {dimension["Name"]: text(dimension["Value"]) for dimension in each["Metric"]["Dimensions"]},
        )
        for name, each in metrics.items()
    }
    assert watched == {
        "written": ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", {"TableName": f"<{table}>"}),
        "polled": ("AWS/Lambda", "PolledEventCount", {"EventSourceMappingUUID": f"<{mapping}>"}),
    }
    assert {each["Stat"] for each in metrics.values()} == {"Sum"}
    # Lambda counts nothing while the mapping is disabled, so what is missing is 0.
    for polled in (None, 0):
        assert value_of(expression, {"written": 5, "polled": polled}) == 1
    for written, polled in ((5, 1), (None, None), (None, 0), (None, 1)):
        assert value_of(expression, {"written": written, "polled": polled}) == 0
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    # Not at once, because writes that change nothing leave no record; long before the stream's 24 hours have passed.
    (seconds,) = {each["Period"] * alarm["EvaluationPeriods"] for each in metrics.values()}
    assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"] > 1
    assert 3600 < seconds <= 6 * 3600


def test_no_alarm_adds_up_more_metrics_than_cloudwatch_takes(each_template: Template) -> None:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
    for name, alarm in each_template.alarms().items():
        assert len([each for each in alarm.get("Metrics", ()) if "MetricStat" in each]) <= 10, name


def test_one_alarm_uses_up_the_quota_of_alarms_on_queries_and_two_more_with_an_archive(each_template: Template) -> None:
    on_queries = {
        name
        for name, alarm in each_template.alarms().items()
        if name.startswith("Orders")
        and any("SELECT" in text(each.get("Expression", "")) for each in alarm.get("Metrics", ()))
    }
    expected = {"OrdersAuditArchiveErrors", "OrdersAuditArchiveThrottles"}
    archived = expected if each_template.of_type("AWS::KinesisFirehose::DeliveryStream") else set()
    own = {"OrdersSystemErrors"} & each_template.alarms().keys()
    assert on_queries == archived | own


def test_user_errors_say_that_they_are_the_accounts(minimal: Template) -> None:
    alarm = minimal.alarms()["OrdersUserErrors"]
    assert alarm["MetricName"] == "UserErrors"
    assert alarm.get("Dimensions", []) == []
    assert "only per account and Region" in alarm["AlarmDescription"]


def test_throttles_of_an_index_have_alarms_of_their_own(template: Callable[[str], Template]) -> None:
    alarms = template("everything").alarms()
    _, metrics = added_up(alarms["OrdersThrottlesbystatus"])
    for each in metrics.values():
        assert {item["Name"] for item in each["Metric"]["Dimensions"]} == {"TableName", "GlobalSecondaryIndexName"}


def test_mapping_publishes_the_metrics_that_two_alarms_watch(minimal: Template) -> None:
    assert minimal.properties("AWS::Lambda::EventSourceMapping")["MetricsConfig"] == {"Metrics": ["EventCount"]}


def test_iterator_age_alarms_hours_before_records_are_given_up(each_template: Template) -> None:
    for name, alarm in each_template.alarms().items():
        if name.endswith("IteratorAge"):
            given_up = each_template.properties("AWS::Lambda::EventSourceMapping")["MaximumRecordAgeInSeconds"]
            assert alarm["Threshold"] / 1000 <= given_up - 6 * 3600


def test_thresholds_can_be_chosen(template: Callable[[str], Template]) -> None:
    alarms = template("everything").alarms()
    assert alarms["OrdersLatency"]["Threshold"] == 25
    assert alarms["OrdersAuditIteratorAge"]["Threshold"] == 30 * 60 * 1000


def test_every_alarm_reaches_the_topic_and_says_what_missing_data_means(minimal: Template) -> None:
    (topic,) = minimal.of_type("AWS::SNS::Topic")
    alarms = minimal.alarms()
    assert len(alarms) == 11
    for name, alarm in alarms.items():
        assert [text(action) for action in alarm["AlarmActions"]] == [f"<{topic}>"], name
        # All but one ring because something happens.
        assert alarm["TreatMissingData"] == ("breaching" if name == "OrdersBackupMissing" else "notBreaching"), name
        assert alarm["AlarmDescription"], name


def test_topic_lets_alarms_and_rules_of_this_account_publish(minimal: Template) -> None:
    (topic,) = minimal.of_type("AWS::SNS::Topic")
    policy = minimal.properties("AWS::SNS::TopicPolicy")
    assert [text(arn) for arn in policy["Topics"]] == [f"<{topic}>"]
    found = statements(policy["PolicyDocument"])
    alarms, events = found["PublishAlarms"], found["PublishEvents"]
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert events["Principal"] == {"Service": "events.amazonaws.com"}
    assert alarms["Action"] == events["Action"] == "sns:Publish"
    assert alarms["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    assert text(alarms["Condition"]["ArnLike"]["aws:SourceArn"]) == (
        "arn:<AWS::Partition>:cloudwatch:eu-central-1:111122223333:alarm:*"
    )
    # EventBridge supports none there.
    assert "Condition" not in events


def test_topic_takes_messages_over_tls_only(minimal: Template) -> None:
    statement = statements(minimal.properties("AWS::SNS::TopicPolicy")["PolicyDocument"])["DenyRequestsWithoutTls"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", {"AWS": "*"})
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_existing_topic_is_used_and_none_is_made(template: Callable[[str], Template]) -> None:
    own = template("bring_your_own")
    assert own.of_type("AWS::SNS::Topic") == {}
    actions = {action for alarm in own.alarms().values() for action in alarm["AlarmActions"]}
    assert actions == {"arn:aws:sns:eu-central-1:111122223333:company-alarms"}


def test_without_an_audit_trail_nothing_watches_it(template: Callable[[str], Template]) -> None:
    assert template("waived").alarms() == {}
