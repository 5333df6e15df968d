"""What `DriftDetection` makes, what its role may do, and what it refuses."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_sns import Topic
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks

from examples.drift import DriftStack
from secure_ddb import DriftDetection, InvalidArgumentError
from secure_ddb.drift.permissions import READ, READ_TABLE
from secure_ddb.rules.rule import Verdict
from tests.deployment.permissions import handler_permissions, resource_types
from tests.orders import OWNERSHIP, orders
from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.rules.handwritten import judgements
from tests.template import Template
from tests.test_lint_templates import LINT_ALLOWED, not_allowed, policies, policy_issues, template_issues

HERE = Environment(account="111122223333", region="eu-central-1")
# What the read handlers name, and reading settings does not need: writing, using keys, passing roles, and what belongs
# to properties that no template of ours has.
LEFT_OUT = {
    "cloudwatch:PutMetricData",
    "iam:PassRole",
    "kms:Decrypt",
    "s3:GetBucketAbac",
    "s3:GetBucketMetadataTableConfiguration",
    "s3:ListTagsForResource",
    # Allowed by another statement, because asking for the result needs it as well.
    "cloudformation:BatchDescribeTypeConfigurations",
    # Of all parameters of the account, which may hold secrets.
    "ssm:GetParameters",
    "vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation",
}


@cache
def deployed() -> Deployed:
    app = App()
    DriftStack(app, "Orders", env=HERE)
    return Deployed(Template(app.synth().get_stack_by_name("Orders").template))


def test_the_function_may_read_what_our_resources_have() -> None:
    ours = {*READ_TABLE, *(f"{service}:{name}" for service, names in READ.items() for name in names)}
    types = {*resource_types(), "AWS::AccessAnalyzer::Analyzer", "AWS::Config::ConfigRule", "AWS::SSM::Document"}
    needed = {action for each in types for action in handler_permissions(each).get("read", ())}
    wildcards = {action for action in needed if action.endswith("*")}
    assert wildcards == {"application-autoscaling:Describe*", "dynamodb:Describe*"}
    assert needed - wildcards - ours == LEFT_OUT
    assert any(action.startswith("dynamodb:Describe") for action in ours)
    assert {"DescribeScalableTargets", "DescribeScalingPolicies"} <= set(READ["application-autoscaling"])


def decision(action: str, resource: str, **context: str | list[str]) -> Decision:
    role = deployed().arn("AWS::IAM::Role", "DriftRole")
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    request = Request(principal=role, action=action, resource=resource, context=keys)
    (answer,) = decide([(deployed().policies(request), request)])
    return answer


def test_the_role_detects_drift_of_this_stack_only() -> None:
    stack = "arn:aws:cloudformation:eu-central-1:111122223333:stack"
    for action in ("DetectStackDrift", "DetectStackResourceDrift", "DescribeStackResourceDrifts"):
        assert decision(f"cloudformation:{action}", f"{stack}/Orders/1") is Decision.ALLOWED, action
        assert decision(f"cloudformation:{action}", f"{stack}/Others/1") is Decision.IMPLICITLY_DENIED, action
    for action in ("DeleteStack", "UpdateStack", "GetTemplate"):
        assert decision(f"cloudformation:{action}", f"{stack}/Orders/1") is Decision.IMPLICITLY_DENIED, action


def test_the_role_reads_settings_and_no_data() -> None:
    table = deployed().arn("AWS::DynamoDB::GlobalTable", "Orders")
    bucket = deployed().arn("AWS::S3::Bucket", "OrdersAuditFailureBucket")
    assert decision("dynamodb:DescribeTable", table) is Decision.ALLOWED
    assert decision("dynamodb:DescribeContributorInsights", f"{table}/index/by-status") is Decision.ALLOWED
    assert decision("dynamodb:GetResourcePolicy", f"{table}/stream/1") is Decision.ALLOWED
    assert decision("dynamodb:DescribeTable", f"{table}-other") is Decision.IMPLICITLY_DENIED
    for action in ("GetItem", "Query", "Scan", "UpdateTable"):
        assert decision(f"dynamodb:{action}", table) is not Decision.ALLOWED, action
    assert decision("s3:GetObject", f"{bucket}/a") is not Decision.ALLOWED
    assert decision("kms:Decrypt", deployed().arn("AWS::KMS::Key", "OrdersKey")) is not Decision.ALLOWED


def test_the_role_sends_events_of_this_library_only() -> None:
    bus = "arn:aws:events:eu-central-1:111122223333:event-bus/default"
    assert decision("events:PutEvents", bus, events_source=["secure-ddb"]) is Decision.ALLOWED
    assert decision("events:PutEvents", bus, events_source=["secure-ddb", "other"]) is Decision.IMPLICITLY_DENIED
    assert decision("events:PutEvents", bus) is Decision.IMPLICITLY_DENIED


def test_it_runs_once_a_day_and_tells_the_topic() -> None:
    template = deployed().template
    topic = {"Ref": template.named("AWS::SNS::Topic", "Orders")}
    rules = {
        name: each["Properties"] for name, each in template.of_type("AWS::Events::Rule").items() if "Drift" in name
    }
    (schedule,) = (each for each in rules.values() if "ScheduleExpression" in each)
    assert schedule["ScheduleExpression"] == "rate(1 day)"
    kinds = [each["EventPattern"]["detail-type"][0] for each in rules.values() if "EventPattern" in each]
    assert sorted(kinds) == ["Stack Drift Found", "Stack Drift Not Checked"]
    assert all(each["Targets"][0]["Arn"] == topic for each in rules.values() if "EventPattern" in each)
    assert template.alarms()["DriftFailing"]["AlarmActions"] == [topic]
    (permission,) = template.of_type("AWS::Lambda::Permission").values()
    assert permission["Properties"]["Principal"] == "events.amazonaws.com"
    assert permission["Properties"]["SourceArn"] == {
        "Fn::GetAtt": [template.named("AWS::Events::Rule", "DriftSchedule"), "Arn"]
    }
    function = template.properties("AWS::Lambda::Function", "DriftFunction")
    assert function["Environment"]["Variables"]["STACKS"] == '["Orders"]'
    assert (function["Timeout"], function["Handler"]) == (900, "drift_detection.handler")


def test_linters_and_rules_find_nothing() -> None:
    template = deployed().template
    assert not_allowed(template_issues(template), LINT_ALLOWED) == []
    issues = [str(issue) for policy in policies(template) for issue in policy_issues(policy)]
    assert [each for each in issues if "Drift" in each and "RESOURCE_STAR" not in each] == []
    said = judgements(template.body, stack_name="Orders")
    assert [str(each) for each in said if each.verdict is Verdict.NOT_MET] == []


def test_cdk_nag_finds_nothing(tmp_path: Any) -> None:
    app = App(outdir=str(tmp_path))
    stack = Stack(app, "Test", env=HERE)
    topic = Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-central-1:111122223333:alarms")
    DriftDetection(stack, "Drift", stacks=[stack], topic=topic, ownership=OWNERSHIP)
    packs = (AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks)
    Validations.of(app).add_plugins(*(pack(app) for pack in packs))
    app.synth()


def test_a_table_that_is_made_later_fails_the_synth() -> None:
    app = App()
    stack = Stack(app, "Test", env=HERE)
    DriftDetection(stack, "Drift", stacks=[stack], topic=Topic(stack, "Alarms"), ownership=OWNERSHIP)
    orders(stack)
    with pytest.raises(RuntimeError, match="Create the DriftDetection after the table Test/Orders"):
        app.synth()


def made(**arguments: Any) -> DriftDetection:
    stack = Stack(App(), "Test", env=HERE)
    whole = {"stacks": [stack], "topic": Topic(stack, "Alarms"), "ownership": OWNERSHIP, **arguments}
    return DriftDetection(stack, "Drift", **whole)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stacks": []}, "stacks is .*; allowed: 1 to 20 Stacks"),
        ({"stacks": ["Orders"]}, r"stacks\[0\] is 'Orders'"),
        ({"topic": "alarms"}, "topic is 'alarms'"),
        ({"ownership": None}, "ownership is None"),
        ({"read_actions": "ecs:DescribeServices"}, "read_actions is 'ecs"),
        ({"read_actions": ["ecs:DeleteService"]}, r"read_actions\[0\] is 'ecs:DeleteService'; .* an action that reads"),
    ],
)
def test_what_it_cannot_take_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        made(**arguments)


def test_a_stack_of_another_region_is_refused() -> None:
    other = Stack(App(), "Other", env=Environment(account="111122223333", region="eu-west-1"))
    with pytest.raises(InvalidArgumentError, match=r"stacks\[0\] .* a stack of eu-central-1"):
        made(stacks=[other])
