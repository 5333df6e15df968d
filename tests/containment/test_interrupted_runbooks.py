"""Runbooks that end halfway, as after a request that fails: what was saved first is what a release restores."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.containment import script

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE, STREAM = "arn:table/orders", "arn:table/orders/stream/1"
ORIGINAL = {TABLE: '{"Statement": "table"}', STREAM: '{"Statement": "stream"}'}
EVENT = {
    "table": "orders",
    "bucket": "policies",
    "execution": "1",
    "tablePolicy": '{"Statement": "no table"}',
    "streamPolicy": '{"Statement": "no stream"}',
}


class NotThereError(Exception):
    """What both services raise here for what is not there, or is not as expected."""


class Interrupted(Exception):  # noqa: N818 - the test's own
    """A request that fails."""


class Exceptions:
    PolicyNotFoundException = NoSuchKey = NotThereError


@dataclass
class Aws:
    """As much of DynamoDB and S3 as the script asks for. Revisions are the policies themselves."""

    policies: dict[str, str] = field(default_factory=lambda: dict(ORIGINAL))
    objects: list[bytes] = field(default_factory=list)
    writes: int = 0
    fails_at: int = 0
    exceptions = Exceptions

    def describe_table(self, **_: str) -> dict[str, Any]:
        return {"Table": {"TableArn": TABLE, "LatestStreamArn": STREAM}}

    def get_resource_policy(self, *, ResourceArn: str) -> dict[str, str]:  # noqa: N803 - AWS's name
        if ResourceArn not in self.policies:
            raise NotThereError
        return {"Policy": self.policies[ResourceArn], "RevisionId": self.policies[ResourceArn]}

    def put_resource_policy(self, **request: str) -> dict[str, str]:
        self._write()
        if self.policies.get(request["ResourceArn"], "NO_POLICY") != request["ExpectedRevisionId"]:
            raise NotThereError
        self.policies[request["ResourceArn"]] = request["Policy"]
        return {"RevisionId": request["Policy"]}

    def get_object(self, **_: str) -> dict[str, Any]:
        if not self.objects:
            raise NotThereError
        return {"Body": io.BytesIO(self.objects[-1])}

    def put_object(self, **request: Any) -> None:
        self._write()
        self.objects.append(request["Body"])

    def _write(self) -> None:
        self.writes += 1
        if self.writes == self.fails_at:
            raise Interrupted


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    made = Aws()
    monkeypatch.setattr("boto3.client", lambda _service: made)
    return made


def interrupted(aws: Aws, step: Callable[[dict[str, str], object], object], write: int) -> None:
    """Run a step that fails at one of its writes."""
    aws.writes, aws.fails_at = 0, write
    with pytest.raises(Interrupted):
        step(EVENT, None)
    aws.fails_at = 0


def test_nothing_is_denied_before_everything_is_saved(aws: Aws) -> None:
    interrupted(aws, script.quarantine, 1)
    assert aws.policies == ORIGINAL
    script.quarantine(EVENT, None)
    first = json.loads(aws.objects[0])["saved"]
    assert {arn: each["policy"] for arn, each in first.items()} == ORIGINAL


# A quarantine saves, and for table and stream each changes the policy and saves again.
@pytest.mark.parametrize("write", range(1, 6))
def test_a_quarantine_that_ended_halfway_can_be_started_again(aws: Aws, write: int) -> None:
    interrupted(aws, script.quarantine, write)
    script.quarantine(EVENT, None)
    assert aws.policies == {TABLE: EVENT["tablePolicy"], STREAM: EVENT["streamPolicy"]}
    script.release(EVENT, None)
    assert aws.policies == ORIGINAL


def test_a_quarantine_of_the_table_only_can_be_released(aws: Aws) -> None:
    interrupted(aws, script.quarantine, 4)
    script.release(EVENT, None)
    assert aws.policies == ORIGINAL


def test_a_denial_that_is_not_recorded_is_not_released_before_the_quarantine_is_started_again(aws: Aws) -> None:
    interrupted(aws, script.quarantine, 3)
    with pytest.raises(RuntimeError, match=r"Start the quarantine again, then the release"):
        script.release(EVENT, None)
    assert aws.policies[TABLE] == EVENT["tablePolicy"]


@pytest.mark.parametrize("write", range(1, 4))
def test_a_release_that_ended_halfway_can_be_started_again(aws: Aws, write: int) -> None:
    script.quarantine(EVENT, None)
    interrupted(aws, script.release, write)
    script.release(EVENT, None)
    assert aws.policies == ORIGINAL
    with pytest.raises(RuntimeError, match="not in quarantine"):
        script.release(EVENT, None)


def test_a_change_at_the_same_time_is_not_lost(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = aws.put_object

    def change_meanwhile(**request: Any) -> None:
        keep(**request)
        aws.policies[TABLE] = '{"Statement": "of a deployment"}'

    monkeypatch.setattr(aws, "put_object", change_meanwhile)
    with pytest.raises(
        RuntimeError, match=r"policy of arn:table/orders was changed at the same time\. Start this runbook again"
    ):
        script.quarantine(EVENT, None)
    monkeypatch.undo()
    monkeypatch.setattr("boto3.client", lambda _service: aws)
    script.quarantine(EVENT, None)
    script.release(EVENT, None)
    assert aws.policies == ORIGINAL | {TABLE: '{"Statement": "of a deployment"}'}
