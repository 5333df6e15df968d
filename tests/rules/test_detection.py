"""What rules on detection say beside the cases: nothing without detection, and what is claimed."""

from __future__ import annotations

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_sns import Topic

from secure_ddb import DetectionSettings, ManagementTrail, SharedResources, TableConfigRules
from secure_ddb.cloudformation.template import Template
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.pack import RULES
from secure_ddb.rules.rule import Judgement, Verdict
from tests.orders import OWNERSHIP, WAIVER, orders
from tests.rules.handwritten import changed, judgements
from tests.rules.handwritten.making import PARAMETER

# Topics and networks are looked at whether or not there is detection. Rules of AWS Config, services of the account,
# drift detection, Hooks and remediation are no events, and have tests of their own.
OTHERS = {f"SecureDdb-DET{number}" for number in (4, 5, 10, 11, 13, 14, 15, 16, 17)}
DETECTION = [rule.id for rule in RULES if rule.id.startswith("SecureDdb-DET") and rule.id not in OTHERS]
BY_ITSELF = ["SecureDdb-DET1", "SecureDdb-DET12", "SecureDdb-DET9"]
GONE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
RULES_GONE = [(f"{name}Rule", GONE) for name in ("Call", "Denied", "FailedKey", "Health", "Threat")]
TRAIL = ManagementTrail(trail="organization", stated_by="SEC-7")


def said(detection: DetectionSettings | None, *, shares: bool = True) -> dict[str, Judgement]:
    """Return what the rules say of a table, by their ids."""
    app = App()
    stack = Stack(app, "Test", env=Environment(account="111122223333", region="eu-central-1"))
    shared = SharedResources(stack, "Shared", ownership=OWNERSHIP, detection=detection) if shares else None
    orders(stack, shared_resources=shared)
    body = app.synth().get_stack_by_name("Test").template
    template = Template(name="Test", stack_name="Test", account="111122223333", region="eu-central-1", body=body)
    return {rule.id: each for rule, each in judge(Assembly([template])) if rule.id in DETECTION}


def test_nothing_is_said_of_an_app_without_rules_on_events() -> None:
    for rule in DETECTION:
        assert judgements(changed(*RULES_GONE), rule) == []


def test_nothing_is_said_of_an_app_without_rules_of_aws_config() -> None:
    gone = [(f"Config{name}", GONE) for name in ("Backup", "Encryption", "Protection", "Recovery")]
    assert judgements(changed(*gone), "SecureDdb-DET4") == []


def test_a_table_of_table_config_rules_is_watched() -> None:
    app = App()
    stack = Stack(app, "Test", env=Environment(account="111122223333", region="eu-central-1"))
    TableConfigRules(stack, "Config", tables=[orders(stack, backup=WAIVER)], topic=Topic(stack, "Alarms"))
    found = judgements(app.synth().get_stack_by_name("Test").template, "SecureDdb-DET4")
    assert [each.verdict for each in found] == [Verdict.MET]


def test_nothing_is_said_of_a_table_of_its_own_or_without_detection() -> None:
    assert said(None, shares=False) == {}
    assert said(None) == {}


def test_what_services_report_by_themselves_is_met_and_what_needs_a_trail_is_not_verifiable() -> None:
    found = said(DetectionSettings())
    assert list(found) == DETECTION
    assert {rule for rule, each in found.items() if each.verdict is Verdict.MET} == set(BY_ITSELF)
    others = [each for rule, each in found.items() if rule not in BY_ITSELF]
    assert {each.verdict for each in others} == {Verdict.NOT_VERIFIABLE}
    assert all("reported only if a trail logs it, which no trail of the app does" in each.detail for each in others)


def test_claimed_trail_is_shown_and_not_met() -> None:
    found = said(DetectionSettings(trail=TRAIL))
    assert found["SecureDdb-DET3"].verdict is Verdict.NOT_VERIFIABLE
    assert found["SecureDdb-DET3"].detail.endswith(
        "claimed, not verified: organization logs the management events of the account and Region (stated by SEC-7)"
    )


def test_finding_names_the_rule_that_is_off() -> None:
    (found,) = judgements(changed(("HealthRule/Properties/State", "DISABLED")), "SecureDdb-DET9")
    assert found.verdict is Verdict.NOT_MET
    assert (
        found.detail
        == "HealthRule matches an issue of DYNAMODB, an issue of KMS, but is off or does not report to a topic"
    )


@pytest.mark.parametrize("region", ["eu-central-1", ""])
def test_rule_of_the_same_account_and_region_counts(region: str) -> None:
    (found,) = judgements(changed(), "SecureDdb-DET9", region=region)
    assert found.verdict is Verdict.MET


def test_pattern_that_only_the_deployment_knows_may_match() -> None:
    (found,) = judgements(changed(("HealthRule/Properties/EventPattern", PARAMETER)), "SecureDdb-DET9")
    assert found.verdict is Verdict.NOT_VERIFIABLE


COUNTED = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "Namespace": "AWS/Events",
        "MetricName": "Invocations",
        "Statistic": "Sum",
        "Dimensions": [{"Name": "RuleName", "Value": {"Ref": "DeniedRule"}}],
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1,
        "Period": 300,
        "EvaluationPeriods": 12,
        "DatapointsToAlarm": 1,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [{"Ref": "Topic"}],
    },
}
TO_FUNCTION = ("DeniedRule/Properties/Targets/0/Arn", {"Fn::GetAtt": "Function.Arn"})


def test_events_that_an_alarm_counts_are_reported_too() -> None:
    (found,) = judgements(changed(TO_FUNCTION, ("Counted", COUNTED)), "SecureDdb-DET7")
    assert found.verdict is Verdict.MET


@pytest.mark.parametrize(
    "change",
    [
        ("Counted/Properties/AlarmActions", []),
        ("Counted/Properties/ActionsEnabled", False),
        ("Counted/Properties/Threshold", 1000),
        ("Counted/Properties/Dimensions/0/Value", {"Ref": "HealthRule"}),
        ("Counted/Properties/MetricName", "FailedInvocations"),
        ("DeniedRule/Properties/Targets", None),
    ],
)
def test_alarm_that_counts_something_else_or_tells_nobody_reports_nothing(change: tuple[str, object]) -> None:
    (found,) = judgements(changed(TO_FUNCTION, ("Counted", COUNTED), change), "SecureDdb-DET7")
    # What the function does with the events is for its code to decide; without a target nothing is done.
    is_silent = change[0] == "DeniedRule/Properties/Targets"
    assert found.verdict is (Verdict.NOT_MET if is_silent else Verdict.NOT_VERIFIABLE)


SCANNER = {"anything-but": {"prefix": "arn:aws:sts::111122223333:assumed-role/scanner/"}}


@pytest.mark.parametrize(
    ("callers", "verdict"),
    [([SCANNER], Verdict.NOT_VERIFIABLE), ([SCANNER, {"exists": False}], Verdict.MET)],
    ids=["with-arn", "all"],
)
def test_rule_that_leaves_roles_out_has_to_report_callers_of_other_accounts(
    callers: list[object], verdict: Verdict
) -> None:
    change = ("DeniedRule/Properties/EventPattern/detail/userIdentity", {"arn": callers})
    (found,) = judgements(changed(change), "SecureDdb-DET7")
    assert found.verdict is verdict


@pytest.mark.parametrize(("action", "verdict"), [("dynamodb:DescribeTable", None), ("dynamodb:Query", Verdict.NOT_MET)])
def test_describing_all_tables_is_no_permission_on_them(action: str, verdict: Verdict | None) -> None:
    statement = "ReaderPolicy/Properties/PolicyDocument/Statement/0"
    content = changed((f"{statement}/Action", [action]), (f"{statement}/Resource", "*"))
    said_of_it = [each for each in judgements(content, "SecureDdb-IAM3") if each.verdict is Verdict.NOT_MET]
    assert [each.verdict for each in said_of_it] == ([] if verdict is None else [verdict])
