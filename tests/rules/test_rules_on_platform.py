"""Rules on what a platform team makes beside tables, on what this library's constructs make, and on other spellings."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment

from examples.config_rules import ConfigRulesStack
from examples.containment import ContainmentStack
from examples.drift import DriftStack
from examples.expired_items import ExpiredItemsStack
from examples.exports import ExportsStack
from examples.remediation import RemediationStack
from secure_ddb.cloudformation.template import Template
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.cases.platform import CASES, EVERY, HOOK, PLATFORM, targets
from tests.rules.handwritten import changed, verdicts
from tests.rules.handwritten.making import ACCOUNT, REGION

if TYPE_CHECKING:
    from aws_cdk import Stack


@cache
def of_example(stack: type[Stack]) -> dict[str, set[Verdict]]:
    """Return what each rule says about the stack of an example."""
    app = App()
    stack(app, "Test", env=Environment(account=ACCOUNT, region=REGION))
    body = app.synth().get_stack_by_name("Test").template
    template = Template(name="Test", stack_name="Test", account=ACCOUNT, region=REGION, body=body)
    found: defaultdict[str, set[Verdict]] = defaultdict(set)
    for rule, judgement in judge(Assembly([template])):
        found[rule.id].add(judgement.verdict)
    return found


@pytest.mark.parametrize(
    ("stack", "rule"),
    [
        (DriftStack, "SecureDdb-DET5"),
        (ConfigRulesStack, "SecureDdb-DET14"),
        (ConfigRulesStack, "SecureDdb-DET15"),
        (RemediationStack, "SecureDdb-DET16"),
        *((stack, "SecureDdb-DET17") for stack in (DriftStack, RemediationStack, ExportsStack, ExpiredItemsStack)),
        *((stack, "SecureDdb-IAM16") for stack in (RemediationStack, ContainmentStack)),
        (ContainmentStack, "SecureDdb-MON20"),
        (ContainmentStack, "SecureDdb-OPS15"),
    ],
)
def test_constructs_of_this_library_meet_the_rule(stack: type[Stack], rule: str) -> None:
    assert of_example(stack)[rule] == {Verdict.MET}


@pytest.mark.parametrize("rule", [f"SecureDdb-{rule}" for rule in CASES if rule != "DET17"])
def test_nothing_is_said_where_there_is_none(rule: str) -> None:
    assert verdicts(changed(), rule) == set()


def test_a_hook_may_list_each_type_with_each_action() -> None:
    assert verdicts(changed(*PLATFORM, (f"{HOOK}/TargetFilters", targets(*EVERY))), "SecureDdb-DET15") == {Verdict.MET}


@pytest.mark.parametrize(
    "change",
    [
        (f"{HOOK}/TargetFilters", {"TargetNames": ["AWS::S3::Bucket"]}),
        (f"{HOOK}/StackFilters", {"FilteringCriteria": "ALL", "StackNames": {"Exclude": ["Orders"]}}),
    ],
)
def test_nothing_is_said_of_a_hook_that_is_not_for_these_tables(change: tuple[str, Any]) -> None:
    assert verdicts(changed(*PLATFORM, change), "SecureDdb-DET15") == set()


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:iam::aws:policy/IAMFullAccess", {Verdict.MET, Verdict.NOT_VERIFIABLE}),
        ("arn:aws:iam::111122223333:policy/Operations", {Verdict.MET, Verdict.NOT_VERIFIABLE}),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", {Verdict.MET}),
    ],
)
def test_policies_of_responding_roles_that_are_elsewhere_are_not_verifiable(arn: str, expected: set[Verdict]) -> None:
    attached = ("RunbookRole/Properties/ManagedPolicyArns", [arn])
    assert verdicts(changed(*PLATFORM, attached), "SecureDdb-IAM16") == expected
