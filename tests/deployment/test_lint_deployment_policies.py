"""Parliament reads the policies for the deployment role, as it does every other policy."""

from __future__ import annotations

from copy import deepcopy

import pytest

from tests.deployment.policies import FILES, documents
from tests.test_lint_templates import Policy, policy_issues

# Actions of CloudFormation schemas that neither parliament 1.6.4 nor the list of AWS has.
# IAM ignores an action that it does not know.
UNKNOWN = {"table": {"dynamodb:DisassociateTableReplica"}, "audit": {"lambda:AssociateRuntimeAlias"}}


def issues(policy: Policy) -> set[tuple[str, str]]:
    return {(issue.rule, issue.detail) for issue in policy_issues(policy)}


@pytest.mark.parametrize("name", FILES)
def test_parliament_finds_only_actions_that_no_list_has(name: str) -> None:
    expected = {("UNKNOWN_ACTION", f"Unknown action {action}") for action in UNKNOWN.get(name, set())}
    assert issues(Policy(name, documents()[name])) == expected


@pytest.mark.parametrize("name", FILES)
def test_parliament_finds_a_misspelt_action(name: str) -> None:
    found = issues(Policy(name, documents()[name]).with_action("dynamodb:GetItmes"))
    assert ("UNKNOWN_ACTION", "Unknown action dynamodb:GetItmes") in found


@pytest.mark.parametrize(("name", "sid"), [("table", "UseKeyThroughServices"), ("roles", "PassRoles")])
def test_parliament_finds_a_permission_on_everything(name: str, sid: str) -> None:
    planted = deepcopy(documents()[name])
    (statement,) = (each for each in planted["Statement"] if each.get("Sid") == sid)
    statement["Resource"] = "*"
    assert "RESOURCE_STAR" in {rule for rule, _ in issues(Policy(name, planted))}
