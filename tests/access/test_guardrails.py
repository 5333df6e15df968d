"""Boundary and service control policy deny what would undo a guarantee, to all but exempt roles (IAM-5)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb import InvalidArgumentError, permissions_boundary, service_control_policy
from secure_ddb.access import guardrails
from tests.template import as_list, statements
from tests.test_lint_templates import Policy, policy_issues

if TYPE_CHECKING:
    from collections.abc import Callable

DEPLOY = "arn:aws:iam::*:role/cdk-hnb659fds-cfn-exec-role-*"
BREAK_GLASS = "arn:aws:iam::111122223333:role/ops/break-glass"
EXEMPT = [DEPLOY, BREAK_GLASS]
POLICIES: dict[str, Callable[..., dict[str, Any]]] = {
    "boundary": permissions_boundary,
    "service control policy": service_control_policy,
}
SIDS = {"KeepTables", "KeepResources", "KeepIdentities", "KeepServiceRoles"}
# What applications and operators do all day.
UNTOUCHED = ["dynamodb:PutItem", "dynamodb:DescribeTable", "kms:Decrypt", "logs:PutLogEvents", "s3:PutObject"]


def denies(statement: dict[str, Any], action: str) -> bool:
    return statement["Effect"] == "Deny" and any(fnmatchcase(action, pattern) for pattern in statement["Action"])


@pytest.fixture(params=sorted(POLICIES))
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return POLICIES[request.param](exempt_roles=EXEMPT)


@pytest.mark.parametrize("action", UNTOUCHED)
def test_what_does_not_undo_anything_is_not_denied(document: dict[str, Any], action: str) -> None:
    assert not [statement for statement in document["Statement"] if denies(statement, action)]


def test_nobody_but_the_exempt_roles_is_exempt(document: dict[str, Any]) -> None:
    denied = [statement for statement in document["Statement"] if statement["Effect"] == "Deny"]
    assert len(denied) >= len(SIDS)
    assert all(one["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": EXEMPT}} for one in denied)


def test_exempt_roles_service_roles_and_identity_providers_are_kept(document: dict[str, Any]) -> None:
    found = statements(document)
    assert found["KeepIdentities"]["Resource"] == [
        *EXEMPT,
        "arn:*:iam::*:role/secure-ddb/*",
        "arn:*:iam::*:policy/secure-ddb/*",
        "arn:*:iam::*:oidc-provider/*",
        "arn:*:iam::*:saml-provider/*",
    ]
    # Whoever deploys passes the exempt role to CloudFormation.
    assert not denies(found["KeepIdentities"], "iam:PassRole")
    assert found["KeepServiceRoles"]["Resource"] == [
        "arn:*:iam::*:role/secure-ddb/*",
        "arn:*:lambda:*:*:function:*:secure-ddb",
    ]


def test_all_else_is_kept_in_the_whole_account(document: dict[str, Any]) -> None:
    found = statements(document)
    assert [found[sid]["Resource"] for sid in ("KeepTables", "KeepResources")] == ["*", "*"]


def test_boundary_leaves_the_rest_to_other_policies() -> None:
    (allowed,) = (one for one in permissions_boundary()["Statement"] if one["Effect"] == "Allow")
    assert (allowed["Action"], allowed["Resource"]) == ("*", "*")
    assert "Condition" not in allowed


def test_boundary_without_exempt_roles_denies_without_condition() -> None:
    found = statements(permissions_boundary())
    assert found.keys() == {*SIDS, "KeepBoundary", "LeaveTheRestToOtherPolicies"}
    assert not [sid for sid, one in found.items() if "Condition" in one]


def test_service_control_policy_only_denies() -> None:
    found = statements(service_control_policy(exempt_roles=EXEMPT))
    assert found.keys() == SIDS
    assert {one["Effect"] for one in found.values()} == {"Deny"}


def test_syntax_is_what_service_control_policies_allow(document: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
    assert document.keys() == {"Version", "Statement"}
    assert document["Version"] == "2012-10-17"
    for sid, statement in statements(document).items():
        assert re.fullmatch(r"[A-Za-z0-9]+", sid)
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        # A pattern stands at the end of an action only.
        assert not [action for action in as_list(statement["Action"]) if "*" in action[:-1] or "?" in action]


@pytest.mark.parametrize("tables", [("*",), ("orders-*", "sessions")])
def test_policies_pass_parliament(tables: tuple[str, ...]) -> None:
    for make in POLICIES.values():
        policy = Policy("guardrail", make(exempt_roles=EXEMPT, tables=tables))
        assert list(policy_issues(policy)) == []


def test_misspelt_actions_would_be_found() -> None:
    policy = Policy("guardrail", service_control_policy(exempt_roles=EXEMPT)).with_action("dynamodb:DeletTable")
    assert "UNKNOWN_ACTION" in {issue.rule for issue in policy_issues(policy)}


@pytest.mark.parametrize("make", POLICIES.values(), ids=POLICIES)
def test_tables_can_be_named_with_what_belongs_to_them(make: Callable[..., dict[str, Any]]) -> None:
    found = statements(make(exempt_roles=EXEMPT, tables=["orders-*", "sessions"]))
    assert found["KeepTables"]["Resource"] == [
        "arn:*:dynamodb:*:*:table/orders-*",
        "arn:*:dynamodb:*:*:table/orders-*/*",
        "arn:*:dynamodb:*:*:table/sessions",
        "arn:*:dynamodb:*:*:table/sessions/*",
    ]
    assert found["KeepResources"]["Resource"] == "*"


def test_all_tables_among_others_are_all_tables() -> None:
    assert statements(permissions_boundary(tables=["orders", "*"]))["KeepTables"]["Resource"] == "*"


@pytest.mark.parametrize(
    ("kind", "limit", "longest"),
    [("boundary", "LONGEST_BOUNDARY", 6144), ("service control policy", "LONGEST_SERVICE_CONTROL_POLICY", 5120)],
)
def test_policy_is_as_long_as_aws_allows_and_no_longer(
    monkeypatch: pytest.MonkeyPatch, kind: str, limit: str, longest: int
) -> None:
    assert getattr(guardrails, limit) == longest
    text = json.dumps(POLICIES[kind](exempt_roles=EXEMPT), separators=(",", ":"))
    assert " " not in text
    monkeypatch.setattr(guardrails, limit, len(text))
    assert POLICIES[kind](exempt_roles=EXEMPT)
    monkeypatch.setattr(guardrails, limit, len(text) - 1)
    with pytest.raises(InvalidArgumentError) as raised:
        POLICIES[kind](exempt_roles=EXEMPT)
    assert raised.value.value == f"a policy of {len(text)} characters"
    assert f"a policy of {len(text) - 1} characters" in raised.value.allowed


@pytest.mark.parametrize(("kind", "longest", "least"), [("boundary", 6144, 550), ("service control policy", 5120, 300)])
def test_there_is_room_for_some_roles(kind: str, longest: int, least: int) -> None:
    five = [f"arn:aws:iam::111122223333:role/deployment-{number}" for number in range(5)]
    for roles in (EXEMPT, five):
        room = longest - len(json.dumps(POLICIES[kind](exempt_roles=roles), separators=(",", ":")))
        print(f"{kind} with {len(roles)} exempt roles: {room} of {longest} characters left")  # noqa: T201 - for pytest -s
        assert room >= least, "each exempt role stands in each statement"


def test_guardrails_need_no_cdk() -> None:
    program = (
        "import sys; from secure_ddb import service_control_policy as policy; "
        "policy(exempt_roles=['arn:aws:iam::*:role/deploy']); "
        "raise SystemExit('jsii' in sys.modules or 'aws_cdk' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True)
