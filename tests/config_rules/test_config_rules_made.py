"""What `TableConfigRules` and `TableHook` make, and what they refuse."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_sns import Topic
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks
from constructs import Construct

from examples.config_rules import ConfigRulesStack
from secure_ddb import HookMode, InvalidArgumentError, SecureTable, TableConfigRules, TableHook
from secure_ddb.landscape.event_patterns import matches_event
from secure_ddb.rules.rule import Verdict
from tests.orders import OWNERSHIP, PK, WAIVER, orders
from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.rules.handwritten import judgements
from tests.synthesized import synthesized
from tests.template import Template
from tests.test_lint_templates import LINT_ALLOWED, not_allowed, template_issues

HERE = Environment(account="111122223333", region="eu-central-1")
CONFIG_RULE = "AWS::Config::ConfigRule"


@cache
def example() -> Template:
    app = App()
    ConfigRulesStack(app, "Test", env=HERE)
    return Template(app.synth().get_stack_by_name("Test").template)


def watched(stack: Stack, **arguments: Any) -> None:
    table = orders(stack, **arguments)
    TableConfigRules(stack, "Config", tables=[table], topic=Topic(stack, "Alarms"))


def watched_without_backup_and_audit(stack: Stack) -> None:
    watched(stack, backup=WAIVER, audit=WAIVER, alarms=WAIVER)


def rules(template: Template) -> dict[str, dict[str, Any]]:
    found = (each["Properties"] for each in template.of_type(CONFIG_RULE).values())
    return {each["ConfigRuleName"].rpartition("-")[2]: each for each in found}


def test_a_table_has_a_rule_for_each_guarantee() -> None:
    found = {name: each["Source"].get("SourceIdentifier") for name, each in rules(example()).items()}
    assert sorted(filter(None, found.values())) == [
        "DYNAMODB_PITR_ENABLED",
        "DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
        "DYNAMODB_TABLE_DELETION_PROTECTION_ENABLED",
        "DYNAMODB_TABLE_ENCRYPTED_KMS",
    ]
    assert len(found) == 5


def test_each_rule_is_for_this_table() -> None:
    table = {"Ref": example().named("AWS::DynamoDB::GlobalTable", "Orders")}
    for name, each in rules(example()).items():
        if name != "Declared":
            assert table in (
                each.get("Scope", {}).get("ComplianceResourceId"),
                each.get("InputParameters", {}).get("resourceId"),
            )
    key = {"Fn::GetAtt": [example().named("AWS::KMS::Key", "OrdersKey"), "Arn"]}
    (encryption,) = (each for name, each in rules(example()).items() if name.endswith("Encryption"))
    assert encryption["InputParameters"] == {"kmsKeyArns": key}


def test_what_is_waived_is_not_expected() -> None:
    found = rules(synthesized(watched_without_backup_and_audit))
    assert not [name for name in found if name.endswith("Backup")]
    text = str(found["Declared"]["Source"]["CustomPolicyDetails"]["PolicyText"])
    assert "rule stream" not in text
    assert "rule point_in_time_recovery" in text


def test_the_topic_is_told_of_these_rules_only() -> None:
    (rule,) = (
        each["Properties"] for name, each in example().of_type("AWS::Events::Rule").items() if "NotCompliant" in name
    )
    names = [each["ConfigRuleName"] for each in rules(example()).values()]

    def event(name: str, compliance: str) -> dict[str, Any]:
        result = {"complianceType": compliance}
        detail = {"messageType": "ComplianceChangeNotification", "configRuleName": name, "newEvaluationResult": result}
        return {"source": "aws.config", "detail-type": "Config Rules Compliance Change", "detail": detail}

    for name in names:
        assert matches_event(rule["EventPattern"], event(name, "NON_COMPLIANT")) is True
        assert matches_event(rule["EventPattern"], event(name, "COMPLIANT")) is False
    assert matches_event(rule["EventPattern"], event("other", "NON_COMPLIANT")) is False


def test_names_and_text_are_no_longer_than_aws_config_takes() -> None:
    stack = Stack(App(), "A" * 128, env=HERE)
    scopes = [Construct(stack, f"{number:S>100}") for number in range(2)]
    tables = [SecureTable(scope, "Orders", partition_key=PK, ownership=OWNERSHIP) for scope in scopes]
    TableConfigRules(stack, "Config", tables=tables, topic=Topic(stack, "Alarms"))
    for each in stack.node.find_child("Config").node.children:
        if hasattr(each, "config_rule_name"):
            assert len(each.config_rule_name) <= 128


def test_rules_longer_than_aws_config_accepts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secure_ddb.config_rules.construct._LONGEST_TEXT", 300)
    stack = Stack(App(), "Test", env=HERE)
    with pytest.raises(InvalidArgumentError, match=r"^tables is '1 tables, whose rules have 1?,?\d{3} characters"):
        TableConfigRules(stack, "Config", tables=[orders(stack)], topic=Topic(stack, "Alarms"))


def test_rules_and_cfn_lint_find_nothing() -> None:
    assert not_allowed(template_issues(example()), LINT_ALLOWED) == []
    said = judgements(example().body, stack_name="Test")
    found = [str(each) for each in said if each.verdict is Verdict.NOT_MET]
    # The example's stack has no termination protection.
    assert [each for each in found if "OPS7" not in each] == []


def test_cdk_nag_finds_nothing(tmp_path: Any) -> None:
    app = App(outdir=str(tmp_path))
    stack = Stack(app, "Test", env=HERE)
    topic = Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-central-1:111122223333:alarms")
    TableConfigRules(stack, "Config", tables=[orders(stack)], topic=topic)
    TableHook(stack, "Hook", ownership=OWNERSHIP)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app), ServerlessChecks(app))
    app.synth()


def test_only_cloudformation_reads_the_rules_of_the_hook() -> None:
    deployed = Deployed(example())
    role = deployed.arn("AWS::IAM::Role", "HookRole")
    bucket = "arn:aws:s3:::cdk-hnb659fds-assets-111122223333-eu-central-1"
    (hook,) = example().of_type("AWS::CloudFormation::GuardHook").values()
    uri = deployed.resolve(hook["Properties"]["RuleLocation"]["Uri"], "Hook")
    rules_file = f"{bucket}/{uri.rpartition('/')[2]}"
    expected = {
        ("s3:GetObject", rules_file): Decision.ALLOWED,
        ("s3:GetObjectVersion", rules_file): Decision.ALLOWED,
        ("s3:ListBucket", bucket): Decision.ALLOWED,
        ("s3:GetObject", f"{bucket}/other.zip"): Decision.IMPLICITLY_DENIED,
        ("s3:PutObject", rules_file): Decision.IMPLICITLY_DENIED,
    }
    for (action, resource), decision in expected.items():
        request = Request(principal=role, action=action, resource=resource, context={})
        (answer,) = decide([(deployed.policies(request), request)])
        assert answer is decision, (action, resource)
    (trust,) = example().properties("AWS::IAM::Role", "HookRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "hooks.cloudformation.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_the_hook_fails_deployments_only_if_asked_for() -> None:
    def warned(stack: Stack) -> None:
        TableHook(stack, "Hook", ownership=OWNERSHIP)

    (hook,) = synthesized(warned).of_type("AWS::CloudFormation::GuardHook").values()
    assert hook["Properties"]["FailureMode"] == "WARN"
    assert "StackFilters" not in hook["Properties"]
    (hook,) = example().of_type("AWS::CloudFormation::GuardHook").values()
    assert hook["Properties"]["FailureMode"] == "FAIL"
    assert hook["Properties"]["StackFilters"]["StackNames"] == {"Exclude": ["integration-tests"]}


def stack() -> Stack:
    return Stack(App(), "Test", env=HERE)


def test_only_tables_of_this_region_are_watched() -> None:
    app = App()
    here, there = Stack(app, "Here", env=HERE), Stack(app, "There", env=Environment(region="eu-west-1"))
    with pytest.raises(InvalidArgumentError, match=r"tables\[0\] .* a table of eu-central-1"):
        TableConfigRules(here, "Config", tables=[orders(there)], topic=Topic(here, "Alarms"))


@pytest.mark.parametrize("given", [[], "orders", [None], None])
def test_only_secure_tables_are_watched(given: Any) -> None:
    here = stack()
    with pytest.raises(InvalidArgumentError, match=r"tables.* is .*; allowed: 1 to 25 SecureTables, each once"):
        TableConfigRules(here, "Config", tables=given, topic=Topic(here, "Alarms"))


def test_a_table_is_watched_once() -> None:
    here = stack()
    table = orders(here)
    with pytest.raises(InvalidArgumentError, match=r"tables\[1\] .*each once"):
        TableConfigRules(here, "Config", tables=[table, table], topic=Topic(here, "Alarms"))


def test_the_topic_is_a_topic() -> None:
    here = stack()
    with pytest.raises(InvalidArgumentError, match=r"topic is 'alarms'; allowed: an aws_sns.ITopic"):
        TableConfigRules(here, "Config", tables=[orders(here)], topic="alarms")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "FAIL"}, "mode is 'FAIL'; allowed: HookMode.WARN, HookMode.FAIL"),
        ({"except_stacks": "tests"}, "except_stacks is 'tests'"),
        ({"except_stacks": [""]}, r"except_stacks\[0\] is ''"),
        ({"except_stacks": ["s"] * 51}, "at most 50 names"),
    ],
)
def test_the_hook_refuses_what_it_cannot_take(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        TableHook(stack(), "Hook", ownership=OWNERSHIP, **arguments)


def test_warn_and_fail_are_cloudformations_words() -> None:
    assert [each.value for each in HookMode] == ["WARN", "FAIL"]
