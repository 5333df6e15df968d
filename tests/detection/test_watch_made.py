"""The watch function of shared resources: what runs it, what it may do, and what watches it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_kms import Key
from aws_cdk.aws_sns import Topic
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R4Checks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)

from secure_ddb import AlarmSettings, DetectionSettings, SharedResources, WatchedNetwork
from tests.detection.reference import SUBJECTS
from tests.orders import OWNERSHIP, orders
from tests.template import Template

FUNCTION, RULE, PERMISSION = "AWS::Lambda::Function", "AWS::Events::Rule", "AWS::Lambda::Permission"


def stack() -> Stack:
    return Stack(App(), "Test", env=Environment(account="111122223333", region="eu-central-1"))


def made(scope: Stack, **given: Any) -> Template:
    orders(scope, shared_resources=SharedResources(scope, "Shared", ownership=OWNERSHIP, **given))
    return Template(scope.node.root.synth().get_stack_by_name("Test").template)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def watching() -> Template:
    return made(stack())


def test_it_runs_at_each_full_hour_with_the_names_of_all_rules(watching: Template) -> None:
    rule = watching.properties(RULE, "SharedWatchSchedule")
    (target,) = rule["Targets"]
    assert rule["ScheduleExpression"] == "cron(0 * * * ? *)"
    assert target["Arn"] == {"Fn::GetAtt": [watching.named(FUNCTION, "SharedWatchFunction"), "Arn"]}
    transformer = target["InputTransformer"]
    assert transformer["InputPathsMap"] == {"time": "$.time"}
    parts = transformer["InputTemplate"]["Fn::Join"][1]
    assert [part["Ref"] for part in parts if isinstance(part, dict)] == [
        watching.named(RULE, f"Shared{name}") for name in SUBJECTS
    ]
    sent = "".join("name" if isinstance(part, dict) else part for part in parts).replace("<time>", '"2026"')
    assert json.loads(sent) == {"time": "2026", "rules": ["name"] * len(SUBJECTS)}


@pytest.mark.parametrize("subject", ["AccessDenied", "KeyChanged", "KeyLost", "WatchSchedule"])
def test_rules_that_send_it_events_may_invoke_it(watching: Template, subject: str) -> None:
    permission = watching.properties(PERMISSION, f"Shared{subject}InvokesWatch")
    assert permission["SourceArn"] == {"Fn::GetAtt": [watching.named(RULE, f"Shared{subject}"), "Arn"]}
    assert permission["Principal"] == "events.amazonaws.com"
    targets = watching.properties(RULE, f"Shared{subject}")["Targets"]
    assert {"Fn::GetAtt": [watching.named(FUNCTION, "SharedWatchFunction"), "Arn"]} in [each["Arn"] for each in targets]


def test_nothing_else_may_invoke_it(watching: Template) -> None:
    assert len([name for name in watching.of_type(PERMISSION) if "InvokesWatch" in name]) == 5


def test_its_role_reads_no_item_and_changes_nothing(watching: Template) -> None:
    policy = watching.properties("AWS::IAM::ManagedPolicy", "SharedWatchPolicy")
    statements = policy["PolicyDocument"]["Statement"]
    actions = {action for each in statements for action in _as_list(each["Action"])}
    assert actions == {
        "dynamodb:DescribeTable",
        "dynamodb:ListTables",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
        "lambda:ListEventSourceMappings",
        "logs:CreateLogStream",
        "logs:FilterLogEvents",
        "logs:PutLogEvents",
        "sns:GetTopicAttributes",
        "sns:Publish",
    }
    (anywhere,) = (each for each in statements if each["Resource"] == "*")
    assert anywhere["Action"] == ["dynamodb:ListTables", "lambda:ListEventSourceMappings"]
    (encrypting,) = (each for each in statements if "kms:Decrypt" in each["Action"])
    assert set(encrypting["Condition"]["StringEquals"]) == {"kms:EncryptionContext:aws:sns:topicArn", "kms:ViaService"}
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    assert len(json.dumps(policy["PolicyDocument"])) < 6144


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_a_failed_run_is_not_repeated(watching: Template) -> None:
    config = watching.only("AWS::Lambda::EventInvokeConfig")["Properties"]
    assert config["MaximumRetryAttempts"] == 0


def test_its_environment_says_where_everything_is(watching: Template) -> None:
    function = watching.properties(FUNCTION, "SharedWatchFunction")
    variables = function["Environment"]["Variables"]
    assert set(variables) == {"AUDIT_FUNCTION", "LOG_GROUP", "RUNBOOK", "TOPIC"}
    assert variables["RUNBOOK"] == "docs/detection.md of secure_ddb, "
    linked = made(stack(), detection=DetectionSettings(runbook_url="https://wiki.example.com/dynamodb"))
    function = linked.properties(FUNCTION, "SharedWatchFunction")
    assert function["Environment"]["Variables"]["RUNBOOK"] == "https://wiki.example.com/dynamodb"


@pytest.mark.parametrize("name", ["WatchErrors", "WatchMissing", "FailedInvocations", "FailedNotifications"])
def test_alarms_watch_detection_itself(watching: Template, name: str) -> None:
    alarm = watching.alarms()[f"Shared{name}"]
    assert alarm["AlarmActions"] == [{"Ref": watching.named("AWS::SNS::Topic", "Shared")}]
    assert alarm["Threshold"] == 1


def test_alarm_rings_when_the_function_is_not_run(watching: Template) -> None:
    alarm = watching.alarms()["SharedWatchMissing"]
    assert alarm["Dimensions"] == [{"Name": "RuleName", "Value": {"Ref": watching.named(RULE, "SharedWatchSchedule")}}]
    assert (alarm["TreatMissingData"], alarm["ComparisonOperator"]) == ("breaching", "LessThanThreshold")


@pytest.mark.parametrize(("name", "rule"), [("DeniedRequests", "AccessDenied"), ("FailedKeyRequests", "KeyFailed")])
def test_alarm_on_counted_requests_stays_on_until_an_hour_has_had_none(
    watching: Template, name: str, rule: str
) -> None:
    alarm = watching.alarms()[f"Shared{name}"]
    assert alarm["Dimensions"] == [{"Name": "RuleName", "Value": {"Ref": watching.named(RULE, f"Shared{rule}")}}]
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 3600
    assert alarm["DatapointsToAlarm"] == 1


def test_key_of_the_topic_lets_it_publish_through_sns_only(watching: Template) -> None:
    policy = watching.properties("AWS::KMS::Key", "SharedKey")["KeyPolicy"]["Statement"]
    (statement,) = (each for each in policy if each.get("Sid") == "PublishThroughSns")
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Condition"]["StringEquals"]["kms:ViaService"] == "sns.eu-central-1.amazonaws.com"


def test_key_of_an_existing_topic_of_the_app_lets_it_publish() -> None:
    scope = stack()
    topic = Topic(scope, "OnCall", master_key=Key(scope, "TopicKey"))
    template = made(scope, alarms=AlarmSettings(topic=topic))
    statements = template.properties("AWS::KMS::Key", "TopicKey")["KeyPolicy"]["Statement"]
    assert "PublishThroughSnsTest" in [each.get("Sid") for each in statements]


def test_key_of_an_imported_topic_is_not_verifiable() -> None:
    scope = stack()
    topic = Topic.from_topic_arn(scope, "OnCall", "arn:aws:sns:eu-central-1:111122223333:on-call")
    template = made(scope, alarms=AlarmSettings(topic=topic))
    said = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["not_verifiable"]
    assert any("lets the watch function publish" in each for each in said)


def test_without_detection_there_is_none() -> None:
    template = made(stack(), detection=None)
    assert not [name for name in template.resources if "Watch" in name]
    assert "PublishThroughSns" not in json.dumps(template.of_type("AWS::KMS::Key"))


def test_cdk_nag_finds_nothing_that_is_not_answered() -> None:
    scope = stack()
    packs = (
        AwsSolutionsChecks,
        HIPAASecurityChecks,
        NIST80053R4Checks,
        NIST80053R5Checks,
        PCIDSS321Checks,
        ServerlessChecks,
    )
    Validations.of(scope.node.root).add_plugins(*(pack() for pack in packs))
    vpc = Vpc.from_vpc_attributes(scope, "Vpc", vpc_id="vpc-0a1b2c3d", availability_zones=["eu-central-1a"])
    made(scope, detection=DetectionSettings(networks=[WatchedNetwork(vpc=vpc)]))
