"""The rules that shared resources make, and what can be chosen."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack

from secure_ddb import DetectionSettings, InvalidArgumentError, ManagementTrail, SharedResources
from tests.detection.reference import SUBJECTS
from tests.orders import OWNERSHIP, orders
from tests.template import Template

RULE = "AWS::Events::Rule"
TRAIL = ManagementTrail(trail="organization", stated_by="SEC-7")


def template(**given: Any) -> Template:
    app = App()
    stack = Stack(app, "Test", env=Environment(account="111122223333", region="eu-central-1"))
    orders(stack, shared_resources=SharedResources(stack, "Shared", ownership=OWNERSHIP, **given))
    return Template(app.synth().get_stack_by_name("Test").template)


@pytest.fixture(scope="module")
def detecting() -> Template:
    return template()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_shared_resources_report_each_subject_to_their_topic(detecting: Template, subject: str) -> None:
    rule = detecting.properties(RULE, f"Shared{subject}")
    topic = {"Ref": detecting.named("AWS::SNS::Topic", "Shared")}
    messages = [each["InputTransformer"]["InputTemplate"] for each in rule["Targets"] if each["Arn"] == topic]
    if SUBJECTS[subject].is_counted:
        assert not messages
    else:
        (message,) = messages
        assert message.startswith(f'"{SUBJECTS[subject].happened}"\n')
    assert rule["Description"] == SUBJECTS[subject].happened
    # Services of AWS send to the default bus, and a rule is on it unless it names another.
    assert "EventBusName" not in rule
    assert rule["Tags"]


def test_there_is_one_rule_for_each_subject(detecting: Template) -> None:
    # And the one that runs the watch function.
    assert len(detecting.of_type(RULE)) == len(SUBJECTS) + 1 == 16


def test_only_denied_and_failing_requests_need_reading_calls(detecting: Template) -> None:
    states = {name: each["Properties"].get("State") for name, each in detecting.of_type(RULE).items()}
    reading = {name for name, state in states.items() if state == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
    assert reading == {detecting.named(RULE, f"Shared{name}") for name in ("AccessDenied", "KeyFailed")}
    assert set(states.values()) == {None, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}


def test_rule_on_the_audit_trail_names_the_function_and_log_group_that_are_made(detecting: Template) -> None:
    branches = detecting.properties(RULE, "SharedAuditChanged")["EventPattern"]["detail"]["$or"]
    assert {"Ref": detecting.named("AWS::Lambda::Function", "SharedAudit")} in branches[1]["requestParameters"][
        "functionName"
    ]
    group = {"Ref": detecting.named("AWS::Logs::LogGroup", "SharedAudit")}
    assert branches[2]["requestParameters"]["$or"][0] == {"logGroupName": [group]}


def test_rule_on_denied_requests_leaves_out_the_watch_function_that_is_made(detecting: Template) -> None:
    (others, _) = detecting.properties(RULE, "SharedAccessDenied")["EventPattern"]["detail"]["userIdentity"]["arn"]
    role = {"Ref": detecting.named("AWS::IAM::Role", "SharedWatchRole")}
    assert role in others["anything-but"]["prefix"][0]["Fn::Join"][1]


def test_rule_on_jobs_replaces_the_one_on_the_vault() -> None:
    without = template(detection=None)
    (rule,) = without.of_type(RULE).values()
    assert "backupVaultName" in rule["Properties"]["EventPattern"]["detail"]


def test_table_of_its_own_has_no_detection() -> None:
    app = App()
    orders(Stack(app, "Test", env=Environment(account="111122223333", region="eu-central-1")))
    rules = Template(app.synth().get_stack_by_name("Test").template).of_type(RULE)
    assert [name.startswith("OrdersBackupJobFailed") for name in rules] == [True]


def test_tables_state_what_is_claimed_and_chosen() -> None:
    settings = DetectionSettings(trail=TRAIL, guard_duty_severity=7, expected_denials=["scanner", "auditor"])
    said = template(detection=settings).only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert said["claims"] == {
        "detection.trail": "organization logs the management events of the account and Region (stated by SEC-7)"
    }
    assert said["settings"]["detection.guard_duty_severity"] == "7 (default 4.0)"
    assert said["settings"]["detection.expected_denials"] == "scanner, auditor"


def test_runbook_is_linked_from_every_message() -> None:
    linked = template(detection=DetectionSettings(runbook_url="https://wiki.example.com/dynamodb"))
    for subject in (each for each in SUBJECTS.values() if not each.is_counted):
        target = linked.properties(RULE, f"Shared{subject.name}")["Targets"][0]
        text = target["InputTransformer"]["InputTemplate"]
        assert f'"Runbook: https://wiki.example.com/dynamodb#{subject.anchor}"' in text


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("guard_duty_severity", 0),
        ("guard_duty_severity", 10.5),
        ("guard_duty_severity", True),
        ("guard_duty_severity", "high"),
        ("expected_denials", "scanner"),
        ("expected_denials", ["a b"]),
        ("expected_denials", ["service/scanner"]),
        ("expected_denials", [None]),
        ("expected_denials", [f"role{number}" for number in range(11)]),
        ("trail", "organization"),
        ("runbook_url", "http://wiki.example.com"),
        ("runbook_url", "https://wiki.example.com/#dynamodb"),
        ("runbook_url", 'https://wiki.example.com/"'),
        ("runbook_url", None),
    ],
)
def test_other_settings_are_refused(argument: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"detection\.{argument}.*allowed: "):
        DetectionSettings(**{argument: value})


@pytest.mark.parametrize("argument", ["trail", "stated_by"])
def test_claim_names_the_trail_and_who_states_it(argument: str) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"detection\.trail\.{argument}"):
        ManagementTrail(**{"trail": "organization", "stated_by": "SEC-7", argument: " "})


def test_shared_resources_take_settings_or_none() -> None:
    with pytest.raises(InvalidArgumentError, match="DetectionSettings or None"):
        template(detection="on")
