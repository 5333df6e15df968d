"""A policy engine decides who uses a table's key while it is contained, by its own policy with the denials."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from secure_ddb.containment.keys import CHANGES, GRANTS, USES
from secure_ddb.encryption.key_actions import ADMINISTRATION, USE
from tests.containment.contained import RESPONDERS, contained, document
from tests.policies.deployments import FULL_ACCESS
from tests.policies.engine import Decision, Policies, Request, decide
from tests.policies.resolve import Deployed
from tests.synthesized import synthesized

ROLE = "arn:aws:iam::111122223333:role"
THROUGH_DYNAMODB = {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com", "kms:CallerAccount": "111122223333"}
# DynamoDB's own grant, as it lets the service in: the engine knows no grants.
OF_GRANT = {"Sid": "Grant", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
# The engine knows actions by their whole names.
USE_NAMES = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")


@cache
def deployed() -> Deployed:
    return Deployed(synthesized(contained))


@cache
def contained_policy() -> dict[str, Any]:
    """Return the policy of the table's key while it is contained."""
    logical_id = deployed().template.named("AWS::KMS::Key", "OrdersKey")
    own = deployed().resolve(deployed().template.resources[logical_id]["Properties"]["KeyPolicy"], logical_id)
    (step,) = (each for each in document(deployed(), "ContainKey")["mainSteps"] if each["name"] == "Deny")
    added = json.loads(step["inputs"]["InputPayload"]["denials"])
    return {**own, "Statement": [*own["Statement"], *added]}


def principal(name: str) -> str:
    return {
        "responder": RESPONDERS,
        "administrator": f"{ROLE}/administrator",
        "application": f"{ROLE}/orders-service",
        "root user": "arn:aws:iam::111122223333:root",
        "runbook": deployed().arn("AWS::IAM::Role", "ContainmentKeyAutomationRole"),
        "audit function": deployed().arn("AWS::IAM::Role", "OrdersAuditRole"),
        "backup": deployed().arn("AWS::IAM::Role", "OrdersBackupRole"),
        "impostor": f"{ROLE}/other/secure-ddb/role",
        "DynamoDB": "dynamodb.amazonaws.com",
        "CloudWatch Logs": "logs.eu-central-1.amazonaws.com",
    }[name]


def decisions(name: str, actions: tuple[str, ...], *, has_grant: bool = False, **context: str) -> set[Decision]:
    policy = contained_policy()
    if has_grant:
        policy = {**policy, "Statement": [OF_GRANT, *policy["Statement"]]}
    policies = Policies(identity=() if name in ("DynamoDB", "CloudWatch Logs") else (FULL_ACCESS,), resource=policy)
    key = deployed().arn("AWS::KMS::Key", "OrdersKey")
    keys = {**THROUGH_DYNAMODB, **{key.replace("_", ":"): value for key, value in context.items()}}
    requests = [Request(principal=principal(name), action=each, resource=key, context=keys) for each in actions]
    return set(decide((policies, request) for request in requests))


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        *((name, USE_NAMES) for name in ("responder", "audit function", "backup")),
        ("responder", ("kms:PutKeyPolicy", "kms:RevokeGrant")),
        # The way back, and the account's own.
        ("runbook", ("kms:GetKeyPolicy", "kms:PutKeyPolicy", "kms:ListGrants")),
        ("root user", ("kms:PutKeyPolicy", "kms:EnableKey", "kms:CancelKeyDeletion")),
        ("administrator", ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants")),
    ],
)
def test_containment_lets_through(name: str, actions: tuple[str, ...]) -> None:
    assert decisions(name, actions) == {Decision.ALLOWED}


@pytest.mark.parametrize("name", ["DynamoDB", "CloudWatch Logs"])
def test_services_go_on_using_the_key(name: str) -> None:
    assert decisions(name, (*USE_NAMES, "kms:RetireGrant"), has_grant=True) == {Decision.ALLOWED}


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        *((name, USE_NAMES) for name in ("administrator", "application", "root user", "impostor")),
        *((name, GRANTS) for name in ("administrator", "application", "root user", "impostor")),
        *((name, CHANGES) for name in ("administrator", "application", "audit function", "impostor")),
    ],
)
def test_containment_denies(name: str, actions: tuple[str, ...]) -> None:
    assert decisions(name, actions) == {Decision.EXPLICITLY_DENIED}


def test_a_grant_that_an_attacker_made_before_is_of_no_use() -> None:
    assert decisions("administrator", USE_NAMES, has_grant=True) == {Decision.EXPLICITLY_DENIED}


def test_every_administration_of_the_key_is_denied_or_only_shows_something() -> None:
    shown = {each for each in ADMINISTRATION if each.startswith(("kms:Describe", "kms:Get", "kms:List"))}
    assert {*ADMINISTRATION} <= {*CHANGES, *GRANTS, *shown}
    assert {*USE} - {*USES} == {"kms:DescribeKey"}


def test_the_role_changes_policies_of_these_keys_and_uses_none() -> None:
    role = principal("runbook")
    key, other = (deployed().arn("AWS::KMS::Key", name) for name in ("OrdersKey", "ContainmentKey"))
    for resource, action, expected in (
        (key, "kms:PutKeyPolicy", Decision.ALLOWED),
        (key, "kms:Decrypt", Decision.IMPLICITLY_DENIED),
        (key, "kms:DisableKey", Decision.IMPLICITLY_DENIED),
        (other, "kms:PutKeyPolicy", Decision.IMPLICITLY_DENIED),
    ):
        request = Request(principal=role, action=action, resource=resource)
        assert decide([(deployed().policies(request), request)]) == [expected], action
