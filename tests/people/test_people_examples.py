"""The examples of docs/people.md work, and the rules have nothing against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment

from examples.people import AccessFindingsStack, AuditorsStack, FederatedStack, IdentityCenterStack, PermissionSetsStack
from secure_ddb.cloudformation.template import Template as RulesTemplate
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.template import Template

if TYPE_CHECKING:
    from aws_cdk import Stack


def synthesized(stack: type[Stack]) -> Template:
    app = App()
    stack(app, "Example", env=Environment(account="111122223333", region="eu-central-1"))
    return Template(app.synth().get_stack_by_name("Example").template)


@pytest.mark.parametrize("stack", [AccessFindingsStack, AuditorsStack, FederatedStack, IdentityCenterStack])
def test_rules_find_nothing(stack: type[Stack]) -> None:
    template = RulesTemplate(
        name="Example", body=synthesized(stack).body, account="111122223333", region="eu-central-1"
    )
    said = judge(Assembly([template]))
    assert [(rule.id, each.detail) for rule, each in said if each.verdict is Verdict.NOT_MET] == []


def test_permission_sets_refer_to_the_policies_by_their_names() -> None:
    policies = {
        each["Properties"].get("ManagedPolicyName")
        for each in synthesized(IdentityCenterStack).of_type("AWS::IAM::ManagedPolicy").values()
    }
    referred = {
        policy["Name"]
        for each in synthesized(PermissionSetsStack).of_type("AWS::SSO::PermissionSet").values()
        for policy in each["Properties"]["CustomerManagedPolicyReferences"]
    }
    assert referred == {"ManageOrders", "AuditOrders"}
    assert referred <= policies
