"""The table itself: what every one has, and TableV2's own arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, READ_STREAM
from secure_ddb.perimeter.policy import table_policy
from tests.template import statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template


def test_point_in_time_recovery_reaches_35_days_back(minimal: Template) -> None:
    assert minimal.replica()["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    }


def test_waiving_backups_keeps_point_in_time_recovery(template: Callable[[str], Template]) -> None:
    assert template("waived").replica()["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


def test_table_is_protected_from_deletion_and_stays_when_its_stack_goes(minimal: Template) -> None:
    table = minimal.only("AWS::DynamoDB::GlobalTable")
    assert minimal.replica()["DeletionProtectionEnabled"] is True
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"


def test_stream_carries_new_and_old_images(each_template: Template) -> None:
    assert each_template.table()["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_contributor_insights_are_on_for_throttled_keys(minimal: Template) -> None:
    assert minimal.replica()["ContributorInsightsSpecification"] == {"Enabled": True, "Mode": "THROTTLED_KEYS"}


def test_contributor_insights_show_no_keys_of_restricted_data(template: Callable[[str], Template]) -> None:
    assert template("restricted").replica()["ContributorInsightsSpecification"] == {"Enabled": False}


def test_requests_without_tls_are_denied_to_everyone(each_template: Template) -> None:
    policy = each_template.replica()["ResourcePolicy"]["PolicyDocument"]
    statement = statements(policy)["DenyRequestsWithoutTls"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == {"AWS": "*"}
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == "*"
    assert set(statement["Action"]) == {*DATA_PLANE, *CONTROL_PLANE, *COPY_OF_ALL_ITEMS}


def test_table_policy_names_no_stream_action_because_dynamodb_refuses_those() -> None:
    (statement,) = table_policy()["Statement"]
    assert not set(statement["Action"]) & set(READ_STREAM)
    assert "dynamodb:*" not in statement["Action"]


def test_planes_share_no_action() -> None:
    assert not set(DATA_PLANE) & set(CONTROL_PLANE)
    assert not set(COPY_OF_ALL_ITEMS) & set(CONTROL_PLANE)


def test_tablev2_arguments_reach_the_table(template: Callable[[str], Template]) -> None:
    table = template("everything").table()
    assert table["TableName"] == "orders-prod"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert table["BillingMode"] == "PROVISIONED"
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-status"]
    assert [index["IndexName"] for index in table["LocalSecondaryIndexes"]] == ["by-date"]
    replica = template("everything").replica()
    assert replica["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert "StreamArn" in replica["KinesisStreamSpecification"]


def test_table_is_on_demand_unless_told_otherwise(minimal: Template) -> None:
    assert minimal.table()["BillingMode"] == "PAY_PER_REQUEST"


def test_settings_that_differ_from_the_default_show_in_the_template(template: Callable[[str], Template]) -> None:
    settings = template("everything").only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["settings"]
    assert settings == {
        "alarms.iterator_age": "1800000 ms (default 3600000 ms)",
        "alarms.latency": "25 ms (default 100 ms)",
        "audit.archive.retention": "3653 days (default 2557 days)",
        "audit.reads": ("a trail of the table's own; its log files show item keys in clear and are kept 400 days"),
        "audit.log_retention": "TEN_YEARS (default THIRTEEN_MONTHS)",
        "backup.monthly_retention": "3650 days (default 365 days)",
        "encryption.rotation_period": "90 days (default 365 days)",
        "kinesis_stream": "sends every change, old and new item included, to a stream",
    }


def test_kinesis_stream_is_reported_as_not_verifiable(template: Callable[[str], Template]) -> None:
    metadata = template("everything").only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert metadata["not_verifiable"] == ["who reads the Kinesis stream, and how it is encrypted"]


def test_a_table_with_every_default_has_nothing_to_explain(minimal: Template) -> None:
    assert "SecureTable" not in minimal.only("AWS::DynamoDB::GlobalTable").get("Metadata", {})
