"""Guardrails keep replicas in Regions that are prepared for them (IAM-5), which a policy engine decides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from secure_ddb import InvalidArgumentError
from tests.access.test_guardrails import POLICIES
from tests.policies.engine import Decision, Document, Policies, Request, decide
from tests.policies.requests.guardrails import EXEMPT_ROLES
from tests.template import statements
from tests.test_lint_templates import Policy, policy_issues

REGIONS = ["eu-central-1", "eu-west-1"]
EVERYTHING: Document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ROLE = "arn:aws:iam::111122223333:role"
DEPLOYMENT = f"{ROLE}/cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1"
ADMINISTRATOR, BREAK_GLASS = f"{ROLE}/administrator", f"{ROLE}/ops/break-glass"
REPLICA, WITNESS = "dynamodb:CreateTableReplica", "dynamodb:CreateGlobalTableWitness"
ALLOWED, DENIED = Decision.ALLOWED, Decision.EXPLICITLY_DENIED
# Who asks for what in which Region, and what is decided.
ROWS = [
    # What DynamoDB asks the deployment for when it adds a replica.
    (DEPLOYMENT, "dynamodb:UpdateTable", "eu-central-1", ALLOWED),
    *((DEPLOYMENT, f"dynamodb:{name}", "eu-west-1", ALLOWED) for name in ("CreateTable", "CreateTableReplica", "Scan")),
    (DEPLOYMENT, WITNESS, "eu-west-1", ALLOWED),
    *((who, REPLICA, "us-east-1", DENIED) for who in (DEPLOYMENT, BREAK_GLASS, ADMINISTRATOR)),
    *((who, WITNESS, "eu-west-3", DENIED) for who in (DEPLOYMENT, BREAK_GLASS, ADMINISTRATOR)),
    (DEPLOYMENT, "dynamodb:AssociateTableReplica", "us-east-1", DENIED),
    # Others may not add replicas at all.
    (ADMINISTRATOR, REPLICA, "eu-west-1", DENIED),
    # Removing one is possible everywhere, for those who may.
    (DEPLOYMENT, "dynamodb:DeleteTableReplica", "us-east-1", ALLOWED),
    (ADMINISTRATOR, "dynamodb:PutItem", "us-east-1", ALLOWED),
]


def guarded(kind: str, document: Document) -> Policies:
    if kind == "boundary":
        return Policies(identity=(EVERYTHING,), boundary=document)
    return Policies(identity=(EVERYTHING,), service_control=(document,))


@pytest.mark.parametrize("kind", POLICIES)
def test_nobody_makes_replicas_elsewhere(kind: str) -> None:
    policies = guarded(kind, POLICIES[kind](exempt_roles=EXEMPT_ROLES, replica_regions=REGIONS))
    asked = [
        Request(
            principal=who,
            action=action,
            resource=f"arn:aws:dynamodb:{region}:111122223333:table/orders",
            context={"aws:RequestedRegion": region},
        )
        for who, action, region, _ in ROWS
    ]
    decided = decide([(policies, request) for request in asked])
    assert [(*row[:3], found) for row, found in zip(ROWS, decided, strict=True)] == ROWS


@pytest.mark.parametrize("kind", POLICIES)
def test_without_regions_only_the_others_are_kept_from_it(kind: str) -> None:
    policies = guarded(kind, POLICIES[kind](exempt_roles=EXEMPT_ROLES))
    request = Request(
        principal=DEPLOYMENT,
        action=REPLICA,
        resource="arn:aws:dynamodb:us-east-1:111122223333:table/orders",
        context={"aws:RequestedRegion": "us-east-1"},
    )
    assert decide([(policies, request)]) == [ALLOWED]


@pytest.mark.parametrize("kind", POLICIES)
def test_the_statement_is_short_and_known_to_iam(kind: str) -> None:
    with_regions = POLICIES[kind](exempt_roles=EXEMPT_ROLES, replica_regions=REGIONS, tables=["orders-*"])
    assert list(policy_issues(Policy("guardrail", with_regions))) == []
    statement = statements(with_regions)["KeepReplicasInRegions"]
    assert statement["Resource"] == ["arn:*:dynamodb:*:*:table/orders-*", "arn:*:dynamodb:*:*:table/orders-*/*"]
    # Room for five exempt roles is left, as without it.
    five = [f"{ROLE}/deployment-{number}" for number in range(5)]
    assert len(json.dumps(statement, separators=(",", ":"))) < 500
    assert POLICIES[kind](exempt_roles=five, replica_regions=REGIONS)


@pytest.mark.parametrize(
    ("regions", "named", "allowed"),
    [
        ("eu-west-1", "replica_regions", "a list of Regions"),
        ([], "replica_regions", "at least one Region; None for every one"),
        (["eu-west-1", "Ireland"], "replica_regions[1]", "a Region, such as eu-west-1, that stands once"),
        (["eu-west-1", "eu-west-1"], "replica_regions[1]", "that stands once"),
        ([7], "replica_regions[0]", "a Region"),
    ],
)
@pytest.mark.parametrize("kind", POLICIES)
def test_regions_that_are_none_are_refused(kind: str, regions: Any, named: str, allowed: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        POLICIES[kind](exempt_roles=EXEMPT_ROLES, replica_regions=regions)
    assert raised.value.argument == named
    assert allowed in raised.value.allowed
