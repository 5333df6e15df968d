"""`TableDefaults` and `WaiverPolicy`: set once for an app or a stage; the nearest wins, and the floor holds (ADO-3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Environment, Stack, Stage
from aws_cdk.aws_logs import RetentionDays
from aws_cdk.aws_s3 import Bucket

from secure_ddb import (
    AlarmSettings,
    AuditSettings,
    BackupSettings,
    DataClassification,
    EncryptionSettings,
    InvalidArgumentError,
    Ownership,
    SecureTable,
    SharedResources,
    TableDefaults,
    Waiver,
    WaiverPolicy,
)
from tests.orders import INSIDE, OWNERSHIP, PK
from tests.template import Template

if TYPE_CHECKING:
    from constructs import Construct

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
PLATFORM = Ownership(owner="platform@example.com", cost_center="CC-1", application="platform", environment="prod")
TOMORROW = datetime.now(UTC).date() + timedelta(days=1)


def stack_in(scope: Construct) -> Stack:
    return Stack(scope, "Test", env=ENVIRONMENT)


def table_in(scope: Construct, **arguments: Any) -> Template:
    """Return the template of a stack in a scope with one table."""
    stack = stack_in(scope)
    SecureTable(stack, "Orders", partition_key=PK, **arguments)
    stage = Stage.of(stack)
    assert stage is not None
    assembly = stage.synth()
    return Template(assembly.get_stack_artifact(stack.artifact_id).template)


def tags(template: Template) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in template.replica()["Tags"]}


def test_table_takes_what_its_app_says() -> None:
    app = App()
    TableDefaults(
        ownership=PLATFORM,
        encryption=EncryptionSettings(rotation_period=Duration.days(180)),
        backup=BackupSettings(daily_retention=Duration.days(40)),
        audit=AuditSettings(log_retention=RetentionDays.TWO_YEARS),
        alarms=AlarmSettings(latency=Duration.millis(25)),
        perimeter=INSIDE,
    ).apply_to(app)
    template = table_in(app)
    assert tags(template)["Owner"] == "platform@example.com"
    assert template.properties("AWS::KMS::Key", "OrdersKey")["RotationPeriodInDays"] == 180
    rules = template.properties("AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    assert {rule["RuleName"]: rule["Lifecycle"]["DeleteAfterDays"] for rule in rules}["Daily"] == 40
    assert template.properties("AWS::Logs::LogGroup")["RetentionInDays"] == 731
    assert template.alarms()["OrdersLatency"]["Threshold"] == 25
    statements = template.replica()["ResourcePolicy"]["PolicyDocument"]["Statement"]
    assert len(statements) > 1


def test_nearest_scope_wins_field_by_field() -> None:
    app = App()
    TableDefaults(ownership=PLATFORM, audit=AuditSettings(log_retention=RetentionDays.TWO_YEARS)).apply_to(app)
    stage = Stage(app, "Production")
    TableDefaults(audit=AuditSettings(log_retention=RetentionDays.FIVE_YEARS)).apply_to(stage)
    template = table_in(stage)
    assert template.properties("AWS::Logs::LogGroup")["RetentionInDays"] == 1827
    assert tags(template)["Owner"] == "platform@example.com"


def test_argument_of_the_table_wins() -> None:
    app = App()
    TableDefaults(ownership=PLATFORM, audit=AuditSettings(log_retention=RetentionDays.TWO_YEARS)).apply_to(app)
    template = table_in(app, ownership=OWNERSHIP, audit=AuditSettings())
    assert template.properties("AWS::Logs::LogGroup")["RetentionInDays"] == 400
    assert tags(template)["Owner"] == OWNERSHIP.owner


def test_tables_of_another_stage_are_left_alone() -> None:
    app = App()
    TableDefaults(audit=AuditSettings(log_retention=RetentionDays.TWO_YEARS)).apply_to(Stage(app, "Production"))
    template = table_in(app, ownership=OWNERSHIP)
    assert template.properties("AWS::Logs::LogGroup")["RetentionInDays"] == 400


def test_shared_resources_are_for_all_tables_of_the_app() -> None:
    app = App()
    platform = Stack(app, "Platform", env=ENVIRONMENT)
    shared = SharedResources(platform, "Shared", ownership=PLATFORM)
    TableDefaults(shared_resources=shared, ownership=PLATFORM).apply_to(app)
    assert not table_in(app).of_type("AWS::Lambda::Function")


def test_floor_of_the_classification_holds() -> None:
    app = App()
    TableDefaults(ownership=PLATFORM, audit=AuditSettings(log_retention=RetentionDays.ONE_MONTH)).apply_to(app)
    with pytest.raises(InvalidArgumentError, match=r"audit\.log_retention.*365 days or more for CONFIDENTIAL"):
        table_in(app)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        (DataClassification.CONFIDENTIAL, None),
        # A nearer scope can demand more, not less.
        (DataClassification.CONFIDENTIAL, DataClassification.PUBLIC),
        (DataClassification.PUBLIC, DataClassification.CONFIDENTIAL),
    ],
)
def test_less_sensitive_table_than_the_least_is_refused(
    outer: DataClassification, inner: DataClassification | None
) -> None:
    app = App()
    TableDefaults(least_classification=outer).apply_to(app)
    stage = Stage(app, "Production")
    TableDefaults(least_classification=inner).apply_to(stage)
    with pytest.raises(InvalidArgumentError, match=r"INTERNAL.*CONFIDENTIAL or more sensitive, by the TableDefaults"):
        table_in(stage, ownership=OWNERSHIP, classification=DataClassification.INTERNAL)


def test_table_without_an_owner_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"ownership.*given here or in TableDefaults"):
        table_in(App())


def test_defaults_after_the_first_table_are_refused() -> None:
    app = App()
    table_in(app, ownership=OWNERSHIP)
    with pytest.raises(InvalidArgumentError, match="apply TableDefaults before making them"):
        TableDefaults(ownership=PLATFORM).apply_to(app)


def test_second_defaults_of_a_scope_are_refused() -> None:
    app = App()
    TableDefaults(ownership=PLATFORM).apply_to(app)
    with pytest.raises(InvalidArgumentError, match="no TableDefaults yet"):
        TableDefaults(ownership=OWNERSHIP).apply_to(app)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        # A waiver is for one table.
        ("audit", Waiver(reason="none", approved_by="SEC-1", expires=TOMORROW)),
        ("ownership", "platform"),
        ("least_classification", "confidential"),
        ("shared_resources", "platform"),
    ],
)
def test_defaults_take_settings_only(argument: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=argument):
        TableDefaults(**{argument: value})


def waiver(approved_by: str = "SEC-142", expires: date = TOMORROW) -> Waiver:
    return Waiver(reason="rebuilt nightly from S3", approved_by=approved_by, expires=expires)


POLICY = WaiverPolicy(longest_days=90, approved_by="SEC-[0-9]+")
REFUSED = [
    (waiver(expires=TOMORROW + timedelta(days=90)), r"waiver\.expires.*or earlier, by the WaiverPolicy"),
    (waiver(approved_by="me"), r"waiver\.approved_by.*'me'.*SEC-\[0-9\]\+, by the WaiverPolicy"),
]


@pytest.mark.parametrize(("given", "expected"), REFUSED)
def test_waiver_of_a_table_keeps_to_the_policy(given: Waiver, expected: str) -> None:
    app = App()
    POLICY.apply_to(app)
    with pytest.raises(InvalidArgumentError, match=expected):
        table_in(app, ownership=OWNERSHIP, backup=given)


@pytest.mark.parametrize(("given", "expected"), REFUSED)
def test_waiver_of_a_finding_keeps_to_the_policy(given: Waiver, expected: str) -> None:
    app = App()
    POLICY.apply_to(app)
    bucket = Bucket(stack_in(app), "Logs")
    with pytest.raises(InvalidArgumentError, match=expected):
        given.acknowledge(bucket, "AwsSolutions::AwsSolutions-S1")


def test_policies_of_all_scopes_hold() -> None:
    app = App()
    POLICY.apply_to(app)
    stage = Stage(app, "Production")
    WaiverPolicy(longest_days=1000).apply_to(stage)
    with pytest.raises(InvalidArgumentError, match="SEC-"):
        table_in(stage, ownership=OWNERSHIP, backup=waiver(approved_by="me"))


def test_waiver_within_the_policy_is_taken() -> None:
    app = App()
    POLICY.apply_to(app)
    assert not table_in(app, ownership=OWNERSHIP, backup=waiver()).of_type("AWS::Backup::BackupPlan")


@pytest.mark.parametrize(
    ("argument", "value"), [("longest_days", 0), ("longest_days", True), ("approved_by", "("), ("approved_by", None)]
)
def test_policy_that_cannot_be_kept_to_is_refused(argument: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=argument):
        WaiverPolicy(**{argument: value})
