"""What `Remediation` makes, what its role may do, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_kms import Key
from aws_cdk.aws_sns import Topic
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks

from examples.remediation import RemediationStack
from secure_ddb import (
    DataClassification,
    EncryptionSettings,
    InvalidArgumentError,
    Lifecycle,
    Remediation,
    service_control_policy,
)
from secure_ddb.landscape.event_patterns import matches_event
from secure_ddb.rules.rule import Verdict
from tests.orders import OWNERSHIP, WAIVER, orders
from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.rules.handwritten import judgements
from tests.synthesized import synthesized
from tests.template import Template
from tests.test_lint_templates import (
    LINT_ALLOWED,
    PARLIAMENT_ALLOWED,
    not_allowed,
    policies,
    policy_issues,
    template_issues,
)

HERE = Environment(account="111122223333", region="eu-central-1")


@cache
def deployed() -> Deployed:
    app = App()
    RemediationStack(app, "Test", env=HERE)
    return Deployed(Template(app.synth().get_stack_by_name("Test").template))


def variables(deployment: Deployed) -> dict[str, Any]:
    """Return what the function is told, as if it were deployed."""
    (logical_id,) = (
        name for name in deployment.template.of_type("AWS::Lambda::Function") if name.startswith("Remediation")
    )
    found = deployment.template.resources[logical_id]["Properties"]["Environment"]["Variables"]
    resolved: dict[str, Any] = deployment.resolve(found, logical_id)
    return resolved


def remedied(stack: Stack, **arguments: Any) -> None:
    table = orders(stack, **arguments)
    Remediation(stack, "Remediation", tables=[table], topic=Topic(stack, "Alarms"), ownership=OWNERSHIP)


def without_audit(stack: Stack) -> None:
    remedied(stack, audit=WAIVER, backup=WAIVER, alarms=WAIVER)


def ephemeral_table(stack: Stack) -> None:
    remedied(stack, classification=DataClassification.INTERNAL, lifecycle=Lifecycle.ephemeral(reason="tests"))


def with_another_key(stack: Stack) -> None:
    key = Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd")
    remedied(stack, encryption=EncryptionSettings(key=key))


def test_the_function_is_told_what_the_template_declares() -> None:
    said = variables(deployed())
    name = deployed().arn("AWS::DynamoDB::GlobalTable", "Orders").rpartition("/")[2]
    assert json.loads(said["TABLES"]) == [
        {"name": name, "recovery_days": 35, "deletion_protection": True, "stream": True}
    ]
    assert [each["rotation_days"] for each in json.loads(said["KEYS"])] == [365]
    assert said["MOST_PER_HOUR"] == "5"


def test_what_a_waiver_gave_up_is_not_switched_on_again() -> None:
    (table,) = json.loads(variables(Deployed(synthesized(without_audit)))["TABLES"])
    assert (table["stream"], table["recovery_days"], table["deletion_protection"]) == (False, 35, True)
    (table,) = json.loads(variables(Deployed(synthesized(ephemeral_table)))["TABLES"])
    assert (table["recovery_days"], table["deletion_protection"]) == (0, False)


def test_of_an_existing_key_the_rotation_is_not_known() -> None:
    assert json.loads(variables(Deployed(synthesized(with_another_key)))["KEYS"]) == [
        {"id": "1234abcd", "rotation_days": 0}
    ]


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("dynamodb", "UpdateTable"),
        ("dynamodb", "UpdateContinuousBackups"),
        ("kms", "DisableKey"),
        ("kms", "DisableKeyRotation"),
        ("kms", "ScheduleKeyDeletion"),
    ],
)
def test_calls_that_switch_something_off_start_it(service: str, name: str) -> None:
    (rule,) = (
        each["Properties"]
        for logical_id, each in deployed().template.of_type("AWS::Events::Rule").items()
        if logical_id.startswith("RemediationSwitchedOff")
    )
    event: dict[str, Any] = {"source": f"aws.{service}", "detail-type": "AWS API Call via CloudTrail"}
    assert matches_event(rule["EventPattern"], {**event, "detail": {"eventName": name}}) is True
    assert matches_event(rule["EventPattern"], {**event, "detail": {"eventName": f"Describe{name}"}}) is False


def decision(action: str, resource: str, **context: str | list[str]) -> Decision:
    role = deployed().arn("AWS::IAM::Role", "RemediationRole")
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    request = Request(principal=role, action=action, resource=resource, context=keys)
    (answer,) = decide([(deployed().policies(request), request)])
    return answer


def test_the_role_switches_on_what_is_declared() -> None:
    table, key = deployed().arn("AWS::DynamoDB::GlobalTable", "Orders"), deployed().arn("AWS::KMS::Key", "OrdersKey")
    for action in ("DescribeContinuousBackups", "DescribeTable", "UpdateContinuousBackups", "UpdateTable"):
        assert decision(f"dynamodb:{action}", table) is Decision.ALLOWED, action
    for action in ("CancelKeyDeletion", "DescribeKey", "EnableKey", "EnableKeyRotation", "GetKeyRotationStatus"):
        assert decision(f"kms:{action}", key) is Decision.ALLOWED, action
    log = deployed().arn("AWS::Logs::LogGroup", "RemediationLogGroup").removesuffix(":*")
    assert decision("logs:FilterLogEvents", f"{log}:log-stream:") is Decision.ALLOWED


def test_the_role_does_nothing_else() -> None:
    table, key = deployed().arn("AWS::DynamoDB::GlobalTable", "Orders"), deployed().arn("AWS::KMS::Key", "OrdersKey")
    for action in ("DeleteTable", "GetItem", "PutItem", "PutResourcePolicy", "RestoreTableToPointInTime"):
        assert decision(f"dynamodb:{action}", table) is not Decision.ALLOWED, action
    for action in ("Decrypt", "DisableKey", "DisableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion"):
        assert decision(f"kms:{action}", key) is not Decision.ALLOWED, action
    assert decision("dynamodb:UpdateTable", f"{table}-other") is not Decision.ALLOWED
    assert decision("kms:EnableKey", f"{key}-other") is not Decision.ALLOWED
    bus = "arn:aws:events:eu-central-1:111122223333:event-bus/default"
    assert decision("events:PutEvents", bus, events_source=["secure-ddb"]) is Decision.ALLOWED
    assert decision("events:PutEvents", bus, events_source=["other"]) is not Decision.ALLOWED


def test_where_nothing_is_declared_the_role_may_do_less() -> None:
    said = str(synthesized(ephemeral_table).of_type("AWS::IAM::ManagedPolicy"))
    assert "dynamodb:UpdateContinuousBackups" not in said.partition("RemediationPolicy")[2].partition("SendEvents")[0]
    said = str(synthesized(with_another_key).of_type("AWS::IAM::ManagedPolicy"))
    assert "kms:EnableKeyRotation" not in said.partition("RemediationPolicy")[2].partition("SendEvents")[0]


def test_guardrails_let_it_work_if_its_role_is_exempt() -> None:
    table = deployed().arn("AWS::DynamoDB::GlobalTable", "Orders")
    role = deployed().arn("AWS::IAM::Role", "RemediationRole")
    deployer = "arn:aws:iam::111122223333:role/deploy"
    pattern = "arn:aws:iam::111122223333:role/secure-ddb/Test-RemediationRole*"
    request = Request(principal=role, action="dynamodb:UpdateTable", resource=table, context={})
    for exempt, expected in (([deployer], Decision.EXPLICITLY_DENIED), ([deployer, pattern], Decision.ALLOWED)):
        guardrails = (service_control_policy(exempt_roles=exempt),)
        policies_ = deployed().policies(request)
        (answer,) = decide([(replace(policies_, service_control=guardrails), request)])
        assert answer is expected, exempt


def test_the_topic_is_told() -> None:
    template = deployed().template
    topic = {"Ref": template.named("AWS::SNS::Topic", "Orders")}
    told = {
        each["Properties"]["EventPattern"]["detail-type"][0]: each["Properties"]["Targets"][0]["Arn"]
        for name, each in template.of_type("AWS::Events::Rule").items()
        if name.startswith(("RemediationRestored", "RemediationNotRestored"))
    }
    assert told == {"Guarantee Restored": topic, "Guarantee Not Restored": topic}
    assert template.alarms()["RemediationFailing"]["AlarmActions"] == [topic]


def test_linters_and_rules_find_nothing() -> None:
    template = deployed().template
    assert not_allowed(template_issues(template), LINT_ALLOWED) == []
    issues = (issue for policy in policies(template) for issue in policy_issues(policy))
    assert not_allowed(issues, PARLIAMENT_ALLOWED) == []
    said = judgements(template.body, stack_name="Test")
    assert [str(each) for each in said if each.verdict is Verdict.NOT_MET] == []


def test_cdk_nag_finds_nothing(tmp_path: Any) -> None:
    app = App(outdir=str(tmp_path))
    RemediationStack(app, "Test", env=HERE)
    packs = (AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks)
    Validations.of(app).add_plugins(*(pack(app) for pack in packs))
    app.synth()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tables": []}, "tables is .*; allowed: 1 to 8 SecureTables"),
        ({"topic": "alarms"}, "topic is 'alarms'"),
        ({"most_per_hour": 0}, "most_per_hour is 0; allowed: 1 to 10"),
        ({"most_per_hour": True}, "most_per_hour is True"),
        ({"most_per_hour": "5"}, "most_per_hour is '5'"),
    ],
)
def test_what_it_cannot_take_is_refused(arguments: dict[str, Any], message: str) -> None:
    stack = Stack(App(), "Test", env=HERE)
    whole = {"tables": [orders(stack)], "topic": Topic(stack, "Alarms"), "ownership": OWNERSHIP, **arguments}
    with pytest.raises(InvalidArgumentError, match=message):
        Remediation(stack, "Remediation", **whole)
