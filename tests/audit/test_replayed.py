"""The handler puts failed records through the same code again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.aws import BY_MAPPING, BY_REPLAY, FAILURE_BUCKET
from tests.audit.checks import golden, read
from tests.audit.failed import KEY, failed_object
from tests.audit.trail import verified

if TYPE_CHECKING:
    from types import ModuleType

    from tests.audit.aws import Aws
    from tests.audit.conftest import Run

MALFORMED = {"dynamodb": {"SequenceNumber": "5200000000047189201511999"}}


@pytest.mark.parametrize("as_text", [True, False])
def test_failed_records_are_written_with_their_shard(index: ModuleType, aws: Aws, *, as_text: bool) -> None:
    aws.objects[KEY] = failed_object([golden("insert"), golden("modify")], as_text=as_text)
    assert index.handler({"replay": {"key": KEY}}, BY_REPLAY) == {"logged": 2, "failed": []}
    assert aws.calls_of("get_object") == [{"Bucket": FAILURE_BUCKET, "Key": KEY}]
    lines = read(aws.text)
    assert [line["event_id"] for line in lines] == [golden(name)["eventID"] for name in ("insert", "modify")]
    assert {line["shard"] for line in lines} == {"shardId-00000001"}


def test_a_replay_goes_on_behind_a_record_that_fails_again(index: ModuleType, aws: Aws) -> None:
    aws.objects[KEY] = failed_object([golden("insert"), MALFORMED, golden("modify"), MALFORMED])
    number = MALFORMED["dynamodb"]["SequenceNumber"]
    assert index.handler({"replay": {"key": KEY}}, BY_REPLAY) == {"logged": 2, "failed": [number, number]}
    assert [list(line)[-1] for line in read(aws.text)] == ["link_mac", "failure", "link_mac", "failure"]


def test_a_change_that_is_replayed_counts_as_logged(run: Run, index: ModuleType, aws: Aws) -> None:
    run(golden("insert"))
    aws.objects[KEY] = failed_object([golden("insert"), golden("modify")])
    index.handler({"replay": {"key": KEY}}, BY_REPLAY)
    report = verified(aws.text.splitlines())
    assert (report.intact, report.records, report.duplicates) == (True, 2, 1)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", ValueError),
        (b"{}", KeyError),
        (b'{"payload": "{}", "DDBStreamBatchInfo": {"shardId": "1"}}', KeyError),
        (b'{"payload": "{\\"Records\\": []}"}', KeyError),
    ],
)
def test_what_is_no_failed_invocation_is_an_error(
    index: ModuleType, aws: Aws, content: bytes, error: type[Exception]
) -> None:
    aws.objects[KEY] = content
    with pytest.raises(error):
        index.handler({"replay": {"key": KEY}}, BY_REPLAY)
    assert aws.text == ""


def test_an_object_that_is_not_there_is_an_error(index: ModuleType) -> None:
    with pytest.raises(KeyError):
        index.handler({"replay": {"key": "another"}}, BY_REPLAY)


def test_a_log_that_refuses_lines_fails_the_replay(index: ModuleType, aws: Aws) -> None:
    aws.objects[KEY] = failed_object([golden("insert")])
    aws.errors["put_log_events"] = [ConnectionError()]
    with pytest.raises(ConnectionError):
        index.handler({"replay": {"key": KEY}}, BY_REPLAY)


def test_nothing_of_an_object_is_in_an_answer(index: ModuleType, aws: Aws) -> None:
    record: dict[str, Any] = golden("insert")
    aws.objects[KEY] = failed_object([record])
    answer = index.handler({"replay": {"key": KEY}}, BY_REPLAY)
    assert set(answer) == {"logged", "failed"}


def test_the_alias_takes_no_replay(index: ModuleType, aws: Aws) -> None:
    aws.objects[KEY] = failed_object([golden("insert")])
    with pytest.raises(index.InvocationError):
        index.handler({"replay": {"key": KEY}}, BY_MAPPING)
    assert aws.calls == []
