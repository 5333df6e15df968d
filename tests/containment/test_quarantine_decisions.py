"""A policy engine decides who can do what during a quarantine, by the policies that the runbook puts in place."""

from __future__ import annotations

from functools import cache

import pytest

from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, STREAM_POLICY, TABLE_POLICY
from secure_ddb.containment.policies import CHANGE_POLICY, CHANGE_TABLE
from tests.containment.contained import RESPONDERS, contained, quarantine_policies
from tests.policies.deployments import FULL_ACCESS
from tests.policies.engine import Decision, Policies, Request, decide
from tests.policies.resolve import Deployed
from tests.synthesized import synthesized

ROLE = "arn:aws:iam::111122223333:role"
TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
STREAM = f"{TABLE}/stream/2026-01-01T00:00:00.000"
ITEMS = (*DATA_PLANE, *COPY_OF_ALL_ITEMS)
READ_SETTINGS = tuple(set(CONTROL_PLANE) - set(CHANGE_TABLE) - set(CHANGE_POLICY))
LINKED = f"{ROLE}/aws-service-role"


@cache
def deployed() -> Deployed:
    return Deployed(synthesized(contained))


def principal(name: str) -> str:
    return {
        "responder": RESPONDERS,
        "administrator": f"{ROLE}/administrator",
        "root user": "arn:aws:iam::111122223333:root",
        "runbook": deployed().arn("AWS::IAM::Role", "ContainmentAutomationRole"),
        "audit function": deployed().arn("AWS::IAM::Role", "OrdersAuditRole"),
        "replication": f"{LINKED}/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication",
        "scaling": (
            f"{LINKED}/dynamodb.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
        ),
        "impostor": f"{ROLE}/my-aws-service-role/replication.dynamodb.amazonaws.com/role",
        "responders of another account": RESPONDERS.replace("111122223333", "444455556666"),
    }[name]


def decisions(name: str, actions: tuple[str, ...], **context: str) -> dict[str, Decision]:
    """Return what a principal that may do everything by IAM may do with table and stream in quarantine."""
    table_policy, stream_policy = quarantine_policies(deployed())
    resource = STREAM if set(actions) <= set(STREAM_POLICY) else TABLE
    policies = Policies(identity=(FULL_ACCESS,), resource=stream_policy if resource == STREAM else table_policy)
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    requests = [
        Request(principal=principal(name), action=action, resource=resource, context=keys) for action in actions
    ]
    return dict(zip(actions, decide((policies, request) for request in requests), strict=True))


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("responder", TABLE_POLICY),
        ("responder", STREAM_POLICY),
        ("audit function", STREAM_POLICY),
        ("runbook", ("dynamodb:CreateBackup", "dynamodb:DescribeTable", "dynamodb:GetResourcePolicy", *CHANGE_POLICY)),
        # The account is not locked out: by its root user, whoever the responders are.
        ("root user", CHANGE_POLICY),
        # DynamoDB goes on replicating, and a backup plan backing up.
        ("replication", (*ITEMS, *CHANGE_TABLE)),
        ("scaling", CHANGE_TABLE),
        # What shows no item.
        ("administrator", READ_SETTINGS),
    ],
)
def test_quarantine_lets_through(name: str, actions: tuple[str, ...]) -> None:
    assert set(decisions(name, actions).values()) == {Decision.ALLOWED}


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        *((name, ITEMS) for name in ("administrator", "root user", "runbook", "scaling", "audit function", "impostor")),
        *((name, CHANGE_TABLE) for name in ("administrator", "root user", "runbook", "audit function", "impostor")),
        *((name, CHANGE_POLICY) for name in ("administrator", "audit function", "replication", "scaling")),
        *((name, STREAM_POLICY) for name in ("administrator", "root user", "runbook", "impostor")),
        ("responders of another account", ITEMS),
    ],
)
def test_quarantine_denies(name: str, actions: tuple[str, ...]) -> None:
    assert set(decisions(name, actions).values()) == {Decision.EXPLICITLY_DENIED}


@pytest.mark.parametrize("actions", [TABLE_POLICY, STREAM_POLICY])
def test_responders_use_tls(actions: tuple[str, ...]) -> None:
    answers = decisions("responder", actions, aws_SecureTransport="false")
    assert set(answers.values()) == {Decision.EXPLICITLY_DENIED}


def test_every_action_of_a_table_policy_is_denied_or_left_for_a_reason() -> None:
    assert set(READ_SETTINGS) == {
        "dynamodb:CreateBackup",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeContributorInsights",
        "dynamodb:DescribeKinesisStreamingDestination",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTableReplicaAutoScaling",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:GetResourcePolicy",
        "dynamodb:ListTagsOfResource",
    }
    assert {*ITEMS, *CHANGE_TABLE, *CHANGE_POLICY, *READ_SETTINGS} == set(TABLE_POLICY)
