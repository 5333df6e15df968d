"""The runbooks for keys, run step by step against moto's KMS and S3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

from tests.containment import automation
from tests.containment.contained import contained, document
from tests.policies.resolve import Deployed
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-central-1"
# Not as json.dumps writes it: what comes back has to be this text.
ORIGINAL = (
    '{"Version": "2012-10-17",  "Statement": '
    '[{"Sid":"Own","Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}'
)


class Runbooks:
    """A key, as if it were the deployed table's."""

    def __init__(self) -> None:
        self.kms = boto3.client("kms", REGION)
        self.key = self.kms.create_key(Policy=ORIGINAL)["KeyMetadata"]["Arn"]
        template = synthesized(contained)
        key = template.named("AWS::KMS::Key", "OrdersKey")
        self._deployed = Deployed(template, {key: self.key.rpartition("/")[2], f"{key}.Arn": self.key})
        self.table = self._deployed.ref("AWS::DynamoDB::GlobalTable", "Orders")
        bucket = self._deployed.ref("AWS::S3::Bucket", "ContainmentPolicyBucket")
        location = {"LocationConstraint": REGION}
        boto3.client("s3", REGION).create_bucket(Bucket=bucket, CreateBucketConfiguration=location)

    def start(self, name: str) -> automation.Execution:
        original = boto3.client
        content = document(self._deployed, name)
        return automation.run(content, lambda service: original(service, REGION), Table=self.table)

    def policy(self) -> str:
        return str(self.kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])


@pytest.fixture
def runbooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runbooks]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    with mock_aws():
        yield Runbooks()


def sids(policy: str) -> list[str]:
    return [each["Sid"] for each in json.loads(policy)["Statement"]]


def test_a_key_gets_denials_beside_its_own_statements_and_later_its_own_text(runbooks: Runbooks) -> None:
    assert runbooks.start("ContainKey").failed == {}
    assert sids(runbooks.policy()) == ["Own", "ContainedUse", "ContainedGrants", "ContainedPolicy"]
    assert runbooks.start("ReleaseKey").failed == {}
    assert runbooks.policy() == ORIGINAL
    assert runbooks.start("ReleaseKey").failed["Restore"].endswith("it is not contained.")


def test_a_second_containment_keeps_what_was_saved_first(runbooks: Runbooks) -> None:
    for _ in range(2):
        assert runbooks.start("ContainKey").failed == {}
    assert len(sids(runbooks.policy())) == 4
    runbooks.start("ReleaseKey")
    assert runbooks.policy() == ORIGINAL


def test_a_policy_that_somebody_changed_is_not_overwritten(runbooks: Runbooks) -> None:
    runbooks.start("ContainKey")
    changed = ORIGINAL.replace("Own", "Other")
    runbooks.kms.put_key_policy(KeyId=runbooks.key, PolicyName="default", Policy=changed)
    assert "was changed after the containment" in runbooks.start("ReleaseKey").failed["Restore"]
    assert runbooks.policy() == changed
    # As the message says.
    assert runbooks.start("ContainKey").failed == {}
    assert runbooks.start("ReleaseKey").failed == {}
    assert runbooks.policy() == ORIGINAL


def test_grants_stay_and_those_of_others_than_services_are_named(runbooks: Runbooks) -> None:
    def grant(principal: str) -> str:
        answer: dict[str, Any] = runbooks.kms.create_grant(
            KeyId=runbooks.key, GranteePrincipal=principal, Operations=["Decrypt"]
        )
        return str(answer["GrantId"])

    grant("dynamodb.eu-central-1.amazonaws.com")
    other = grant("arn:aws:iam::444455556666:role/other")
    assert runbooks.start("ContainKey").done["Deny"]["grantsOfOthers"] == [other]
    added = grant("arn:aws:iam::444455556666:role/later")
    assert runbooks.start("ReleaseKey").done["Restore"]["grantsAddedMeanwhile"] == [added]
    assert len(runbooks.kms.list_grants(KeyId=runbooks.key)["Grants"]) == 3
