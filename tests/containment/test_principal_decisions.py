"""A policy engine decides what a contained role still may, and what the runbooks may do to roles."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from tests.containment.contained import APPLICATION, RESPONDERS, USER, contained
from tests.policies.deployments import FULL_ACCESS
from tests.policies.engine import Decision, Policies, Request, decide
from tests.policies.resolve import Deployed
from tests.synthesized import synthesized
from tests.template import statements

TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
# The policies that the script puts; test_principal_runbooks.py shows that it does.
DENIED = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
ALLOWS_ROLE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": APPLICATION}, "Action": "dynamodb:*", "Resource": "*"}],
}


def revoked(before: str) -> dict[str, Any]:
    older = {"DateLessThan": {"aws:TokenIssueTime": before}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": older}
    return {"Version": "2012-10-17", "Statement": [statement]}


@cache
def deployed() -> Deployed:
    return Deployed(synthesized(contained))


def decision(policies: Policies, action: str, **context: str) -> Decision:
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    request = Request(principal=APPLICATION, action=action, resource=TABLE, context=keys)
    (answer,) = decide([(policies, request)])
    return answer


@pytest.mark.parametrize("issued", ["2026-11-21T20:00:00Z", "2026-11-22T20:00:00Z"])
def test_a_contained_role_is_denied_whatever_allows_it_and_whenever_the_session_began(issued: str) -> None:
    policies = Policies(identity=(FULL_ACCESS, DENIED), resource=ALLOWS_ROLE)
    for action in ("dynamodb:GetItem", "dynamodb:Scan", "dynamodb:PutResourcePolicy"):
        assert decision(policies, action, aws_TokenIssueTime=issued) is Decision.EXPLICITLY_DENIED, action


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ("2026-11-21T20:14:38Z", Decision.EXPLICITLY_DENIED),
        ("2026-11-21T20:14:39Z", Decision.ALLOWED),
        ("2026-11-22T00:00:00Z", Decision.ALLOWED),
    ],
)
def test_after_the_release_only_sessions_that_begin_then_may_what_the_role_may(issued: str, expected: Decision) -> None:
    policies = Policies(identity=(FULL_ACCESS, revoked("2026-11-21T20:14:39Z")), resource=ALLOWS_ROLE)
    assert decision(policies, "dynamodb:GetItem", aws_TokenIssueTime=issued) is expected


def runbook(action: str, resource: str) -> Decision:
    role = deployed().arn("AWS::IAM::Role", "ContainmentPrincipalAutomationRole")
    request = Request(principal=role, action=action, resource=resource)
    (answer,) = decide([(deployed().policies(request), request)])
    return answer


def test_the_runbooks_role_changes_the_named_principals_only() -> None:
    for action in ("iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:GetRole", "iam:ListRolePolicies"):
        assert runbook(action, APPLICATION) is Decision.ALLOWED, action
        assert runbook(action, f"{APPLICATION}-2") is Decision.IMPLICITLY_DENIED, action
    for action in ("iam:PutUserPolicy", "iam:UpdateAccessKey"):
        assert runbook(action, USER) is Decision.ALLOWED, action
    for action in ("iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole", "sts:AssumeRole"):
        assert runbook(action, APPLICATION) is Decision.IMPLICITLY_DENIED, action
    for action in ("iam:CreateAccessKey", "iam:UpdateLoginProfile"):
        assert runbook(action, USER) is Decision.IMPLICITLY_DENIED, action


@pytest.mark.parametrize("name", ["AutomationRole", "KeyAutomationRole", "PrincipalAutomationRole"])
def test_the_runbooks_role_never_changes_responders_or_roles_of_the_runbooks(name: str) -> None:
    for arn in (RESPONDERS, deployed().arn("AWS::IAM::Role", f"Containment{name}")):
        assert runbook("iam:PutRolePolicy", arn) is Decision.EXPLICITLY_DENIED


def test_the_role_that_records_the_audit_trail_is_not_contained() -> None:
    assert runbook("iam:PutRolePolicy", deployed().arn("AWS::IAM::Role", "OrdersAuditRole")) is (
        Decision.EXPLICITLY_DENIED
    )


def test_start_policy_passes_the_roles_of_the_runbooks_only() -> None:
    properties = deployed().template.properties("AWS::IAM::ManagedPolicy", "ContainmentStartPolicy")
    policy = statements(properties["PolicyDocument"])
    roles = deployed().resolve(policy["PassRole"]["Resource"], "StartPolicy")
    names = ("AutomationRole", "KeyAutomationRole", "PrincipalAutomationRole")
    assert roles == [deployed().arn("AWS::IAM::Role", f"Containment{name}") for name in names]
    assert json.dumps(policy["StartRunbooks"]["Resource"]).count("automation-definition") == 8
