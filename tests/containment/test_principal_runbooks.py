"""The runbooks for roles and users, run step by step against moto's IAM and S3."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from aws_cdk.aws_iam import Role
from moto import mock_aws

from secure_ddb import InvalidArgumentError
from tests.containment import automation
from tests.containment.contained import RESPONDERS, contained, document
from tests.containment.test_containment_construct import made, stack
from tests.orders import orders
from tests.policies.resolve import Deployed
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Iterator

ALLOWED = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@cache
def deployed() -> Deployed:
    return Deployed(synthesized(contained))


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    with mock_aws():
        bucket = deployed().ref("AWS::S3::Bucket", "ContainmentPolicyBucket")
        boto3.client("s3", "us-east-1").create_bucket(Bucket=bucket)
        client = boto3.client("iam")
        client.create_role(RoleName="orders-service", AssumeRolePolicyDocument=TRUST)
        client.put_role_policy(RoleName="orders-service", PolicyName="own", PolicyDocument=json.dumps(ALLOWED))
        client.create_user(UserName="alice")
        yield client


def start(name: str, **parameters: Any) -> automation.Execution:
    # The runner replaces boto3.client.
    client = boto3.client
    return automation.run(document(deployed(), name), lambda service: client(service, "us-east-1"), **parameters)


def policies(iam: Any, kind: str, name: str) -> dict[str, Any]:
    list_policies, get_policy = getattr(iam, f"list_{kind}_policies"), getattr(iam, f"get_{kind}_policy")
    named = {f"{kind.capitalize()}Name": name}
    return {
        each: get_policy(**named, PolicyName=each)["PolicyDocument"]["Statement"][0]
        for each in list_policies(**named)["PolicyNames"]
    }


def test_a_role_is_denied_everything_and_given_back_without_its_old_sessions(iam: Any) -> None:
    before = policies(iam, "role", "orders-service")
    assert start("ContainRole", Role="orders-service").failed == {}
    during = policies(iam, "role", "orders-service")
    assert during == before | {
        "SecureDdbContained": {"Sid": "Contained", "Effect": "Deny", "Action": "*", "Resource": "*"}
    }
    execution = start("ReleaseRole", Role="orders-service")
    assert execution.failed == {}
    after = policies(iam, "role", "orders-service")
    revoked = after.pop("AWSRevokeOlderSessions")
    assert after == before
    since = execution.done["Restore"]["sessionsRevokedBefore"]
    assert revoked == {
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": since}},
    }
    assert execution.done["Restore"]["changedMeanwhile"] == []


def test_what_was_changed_meanwhile_is_kept_and_named(iam: Any) -> None:
    start("ContainRole", Role="orders-service")
    iam.put_role_policy(RoleName="orders-service", PolicyName="added", PolicyDocument=json.dumps(ALLOWED))
    start("ContainRole", Role="orders-service")
    execution = start("ReleaseRole", Role="orders-service")
    assert execution.done["Restore"]["changedMeanwhile"] == ["inline"]
    assert set(policies(iam, "role", "orders-service")) == {"own", "added", "AWSRevokeOlderSessions"}


def test_a_role_that_is_not_contained_is_not_released(iam: Any) -> None:
    execution = start("ReleaseRole", Role="orders-service")
    assert execution.failed == {"Restore": "Nothing is saved for the role orders-service: it is not contained."}
    assert set(policies(iam, "role", "orders-service")) == {"own"}


def test_a_release_that_ended_halfway_can_be_started_again(iam: Any) -> None:
    start("ContainRole", Role="orders-service")
    iam.delete_role_policy(RoleName="orders-service", PolicyName="SecureDdbContained")
    assert start("ReleaseRole", Role="orders-service").failed == {}


def test_a_user_loses_active_keys_and_gets_back_those_that_are_named(iam: Any) -> None:
    keys = [iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"] for _ in range(2)]

    def active() -> set[str]:
        found = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
        return {each["AccessKeyId"] for each in found if each["Status"] == "Active"}

    assert start("ContainUser", User="alice").failed == {}
    assert active() == set()
    assert set(policies(iam, "user", "alice")) == {"SecureDdbContained"}
    # Once more, as after a failure: which keys were active is not forgotten.
    assert start("ContainUser", User="alice").failed == {}
    refused = start("ReleaseUser", User="alice", Keys=["AKIAOTHER"]).failed["Restore"]
    assert "were not active before: AKIAOTHER" in refused
    assert start("ReleaseUser", User="alice", Keys=[keys[1]]).failed == {}
    assert active() == {keys[1]}
    assert set(policies(iam, "user", "alice")) == {"AWSRevokeOlderSessions"}


def test_a_user_gets_no_key_back_by_default(iam: Any) -> None:
    iam.create_access_key(UserName="alice")
    start("ContainUser", User="alice")
    start("ReleaseUser", User="alice")
    (key,) = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
    assert key["Status"] == "Inactive"


def test_a_responder_is_refused_whoever_changed_the_document(iam: Any) -> None:
    content = document(deployed(), "ContainRole")
    content["parameters"]["Role"]["allowedValues"].append("responders")
    role = iam.create_role(RoleName="responders", Path="/incident/", AssumeRolePolicyDocument=TRUST)["Role"]
    payload = content["mainSteps"][0]["inputs"]["InputPayload"]
    assert RESPONDERS in payload["exempt"]
    # moto has an account of its own.
    payload["exempt"].append(role["Arn"])
    client = boto3.client
    execution = automation.run(content, lambda service: client(service, "us-east-1"), Role="responders")
    assert execution.failed["Deny"].startswith(f"{role['Arn']} is not contained")
    assert iam.list_role_policies(RoleName="responders")["PolicyNames"] == []


def test_responders_cannot_be_contained() -> None:
    here = stack()
    same = Role.from_role_arn(here, "Same", RESPONDERS)
    with pytest.raises(InvalidArgumentError, match=r"roles\[0\] is .*; allowed: a role that is neither a responder"):
        made(here, tables=[orders(here)], roles=[same])


@pytest.mark.parametrize("argument", ["roles", "users"])
def test_only_roles_and_users_can_be_contained(argument: str) -> None:
    here = stack()
    with pytest.raises(InvalidArgumentError, match=rf"{argument}\[0\] is "):
        made(here, tables=[orders(here)], **{argument: ["alice"]})
