"""Our roles beside AWS's own policies for the same work."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.acceptance.managed_policies import actions_of, statements_of
from tests.acceptance.oracles import ORACLES, SERVICE_LINKED, Oracle
from tests.policies.deployments import deployment
from tests.policies.engine import Decision, Policies, Request, decide
from tests.policies.requests.row import Row

EVERYTHING = "everything"


def concerned(oracle: Oracle) -> list[str]:
    """Return the actions of AWS's policy that concern resources which our templates have."""
    return sorted(action for action in actions_of(oracle.policy) if action.partition(":")[0] in oracle.services)


def asked(oracle: Oracle, action: str) -> tuple[Policies, Request]:
    """Return the request, and the policies that it meets."""
    restoring = oracle.role == "restoring"
    row = Row(
        who="administrator" if restoring else oracle.role,
        action=action,
        on=oracle.resource(action),
        context=oracle.context(action),
        expected=Decision.ALLOWED,
    )
    case = deployment(EVERYTHING).case(row)
    own = ({"Version": "2012-10-17", "Statement": statements_of(oracle.policy)},)
    return (replace(case.policies, identity=own) if restoring else case.policies), case.request


@pytest.mark.parametrize("oracle", ORACLES, ids=str)
def test_each_action_is_allowed_or_left_out_for_a_reason(oracle: Oracle) -> None:
    needed = [action for action in concerned(oracle) if action not in oracle.left_out]
    assert needed
    decisions = decide(asked(oracle, action) for action in needed)
    assert [
        f"{action}: {decision}"
        for action, decision in zip(needed, decisions, strict=True)
        if decision is not Decision.ALLOWED
    ] == []


@pytest.mark.parametrize("oracle", ORACLES, ids=str)
def test_nothing_is_left_out_that_aws_does_not_give(oracle: Oracle) -> None:
    assert set(oracle.left_out) <= set(concerned(oracle))
    assert all(oracle.left_out.values())


def test_liststreams_is_granted_on_the_stream_although_iam_does_not_match_it() -> None:
    template = deployment(EVERYTHING).deployed.template
    (read,) = (
        statement
        for statement in template.properties("AWS::IAM::ManagedPolicy", "OrdersAuditPolicy")["PolicyDocument"][
            "Statement"
        ]
        if statement["Sid"] == "ReadStream"
    )
    assert "dynamodb:ListStreams" in read["Action"]


@pytest.mark.parametrize("configuration", ["everything", "enforced"])
@pytest.mark.parametrize("policy", SERVICE_LINKED)
def test_no_policy_of_ours_stands_in_the_way_of_a_service_linked_role(policy: str, configuration: str) -> None:
    found = deployment(configuration)
    principal = f"arn:aws:iam::111122223333:role/aws-service-role/{SERVICE_LINKED[policy]}"
    on_table = re.compile(r"dynamodb:(?!List(Tables|Streams)|DescribeLimits|.*(Stream|Records|ShardIterator|Backup)$)")
    requests = [
        Request(principal=principal, action=action, resource=found.resource("table"))
        for action in sorted(actions_of(policy))
        if on_table.match(action)
    ]
    own = ({"Version": "2012-10-17", "Statement": statements_of(policy)},)
    assert requests
    decisions = decide((replace(found.deployed.policies(each), identity=own), each) for each in requests)
    assert {each.action: str(decision) for each, decision in zip(requests, decisions, strict=True)} == dict.fromkeys(
        (each.action for each in requests), "Allowed"
    )
