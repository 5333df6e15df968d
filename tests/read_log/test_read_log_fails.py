"""No read goes unlogged unnoticed, and what was logged makes an intact chain."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError  # type: ignore[import-untyped]

from secure_ddb.audit_trail.read_log.python.secure_ddb_reads import ReadLog, ReadLogSettings, ReadNotLoggedError
from secure_ddb.audit_trail.read_log.python.secure_ddb_reads.powertools import log_reads
from secure_ddb.audit_trail.verify import Kind
from tests.read_log.read_table import SETTINGS, item, key

if TYPE_CHECKING:
    from tests.read_log.read_table import ReadTable


class Refusing:
    """Stands before the logs' client and fails as it is told."""

    def __init__(self, logs: Any) -> None:
        self.logs = logs
        self.error: Exception | None = None
        self.takes_nevertheless = False
        self.puts = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.logs, name)

    def put_log_events(self, **request: Any) -> Any:
        self.puts += 1
        if self.error and not self.takes_nevertheless:
            raise self.error
        answer = self.logs.put_log_events(**request)
        if self.error:
            raise self.error
        return answer


@pytest.fixture
def logs(table: ReadTable) -> Refusing:
    table.logs = Refusing(table.logs)
    return table.logs  # type: ignore[no-any-return]


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "PutLogEvents")
GONE = ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "PutLogEvents")
NO_ANSWER = ReadTimeoutError(endpoint_url="https://logs.eu-central-1.amazonaws.com")


def get(table: ReadTable, number: int = 1) -> dict[str, Any]:
    answer: dict[str, Any] = table.client.get_item(TableName="Orders", Key=key("a", number))
    return answer


def test_a_read_that_is_not_logged_fails(table: ReadTable, logs: Refusing) -> None:
    table.watch()
    logs.error = THROTTLED
    with pytest.raises(ReadNotLoggedError, match="Orders was not logged: ClientError"):
        get(table)
    logs.error = None
    get(table)
    assert len(table.lines()) == 1
    assert table.verify(from_beginning=True).intact


@pytest.mark.parametrize("service", ["kms", "sts", "logs"])
def test_a_read_fails_where_a_service_cannot_be_asked(table: ReadTable, service: str) -> None:
    def clients(name: str) -> Any:
        if name == service:
            raise OSError("no way to the service")
        return table.clients(name)

    table.watch(clients=clients)
    with pytest.raises(ReadNotLoggedError, match="OSError"):
        get(table)


def test_an_answer_that_is_not_understood_is_not_returned(table: ReadTable) -> None:
    table.watch(ReadLogSettings("Orders", ("pk", "note"), "Orders-Reads", "eu-central-1", "the-hmac-key"))
    # `note` is a map, which no key attribute is.
    table.client.put_item(TableName="Orders", Item=key("b", 1) | {"note": {"M": {"secret": {"S": "secret text"}}}})
    # A key that is a map has a digest all the same; a value without a type has none.
    with pytest.raises(ReadNotLoggedError) as raised:
        table.client.meta.events.emit(
            "after-call.dynamodb.Query",
            parsed={
                "Items": [{"pk": {}, "note": {"S": "secret text"}}],
                "Count": 1,
                "ResponseMetadata": {"RequestId": "R"},
            },
            model=table.client.meta.service_model.operation_model("Query"),
            context={"secure_ddb_reads.request": {"TableName": "Orders"}},
        )
    assert "secret text" not in str(raised.value)


def test_the_application_can_take_over(table: ReadTable, logs: Refusing) -> None:
    failures: list[ReadNotLoggedError] = []
    table.watch(on_failure=failures.append)
    logs.error = THROTTLED
    assert get(table)["Item"]
    assert [str(failure) for failure in failures] == ["a read of the table Orders was not logged: ClientError"]
    assert failures[0].__cause__ is THROTTLED


def test_lines_that_may_be_there_do_not_break_the_chain(table: ReadTable, logs: Refusing) -> None:
    table.watch()
    get(table)
    logs.error, logs.takes_nevertheless = NO_ANSWER, True
    with pytest.raises(ReadNotLoggedError):
        get(table)
    logs.error = None
    get(table)
    report = table.verify(from_beginning=True)
    assert (report.intact, report.reads, report.chains_started) == (True, 3, 2)


def test_a_log_stream_that_is_gone_is_a_gap(table: ReadTable, logs: Refusing) -> None:
    log = table.watch()
    get(table)
    (stream,) = logs.describe_log_streams(logGroupName=SETTINGS.log_group)["logStreams"]
    logs.delete_log_stream(logGroupName=SETTINGS.log_group, logStreamName=stream["logStreamName"])
    logs.error = GONE
    with pytest.raises(ReadNotLoggedError):
        get(table)
    logs.error = None
    get(table)
    assert log
    report = table.verify()
    assert report.counts == {Kind.GAP: 1}
    assert "told the audit function that the log stream was gone" in report.findings[0].text


def test_lines_that_are_rejected_are_not_logged(
    table: ReadTable, logs: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.watch()
    monkeypatch.setattr(logs, "put_log_events", lambda **_: {"rejectedLogEventsInfo": {"expiredLogEventEndIndex": 1}})
    with pytest.raises(ReadNotLoggedError):
        get(table)


def test_reads_of_a_block_are_logged_with_one_request(table: ReadTable, logs: Refusing) -> None:
    log = table.watch()
    with log.together():
        for number in range(3):
            get(table, number)
        with log.together():
            get(table)
        assert logs.puts == 0
    assert logs.puts == 1
    assert [line["batch"][1:] for line in table.lines()] == [[place, 4] for place in range(4)]
    assert table.verify(from_beginning=True).intact


def test_reads_of_a_block_that_fails_are_logged(table: ReadTable) -> None:
    log = table.watch()

    def fail() -> None:
        with log.together():
            get(table)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert len(table.lines()) == 1


def test_a_large_block_does_not_wait_for_its_end(table: ReadTable, logs: Refusing) -> None:
    log = table.watch()
    with log.together():
        for _ in range(1_001):
            answer = {"ResponseMetadata": {"RequestId": os.urandom(8).hex()}}
            request = {"secure_ddb_reads.request": {"TableName": "Orders", "Key": key("a", 1)}}
            log._log_answer(answer, "GetItem", request, SETTINGS.region)
        assert logs.puts == 1
    assert table.verify(from_beginning=True).reads == 1_001


def test_threads_share_a_chain(table: ReadTable) -> None:
    table.watch()
    get(table)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: get(table, number), range(20)))
    report = table.verify(from_beginning=True)
    assert (report.intact, report.reads, report.chains_started) == (True, 21, 1)


def test_a_process_that_is_restored_or_forked_begins_anew(table: ReadTable) -> None:
    log = table.watch()
    get(table)
    log.restart()
    get(table)
    assert table.verify(from_beginning=True).chains_started == 2


def test_many_items_make_several_lines(table: ReadTable) -> None:
    log = table.watch()
    found = [item("a", number, **{f"attribute{number}": "secret text"}) for number in range(9_000)]
    answer = {"Items": found, "Count": len(found), "ResponseMetadata": {"RequestId": "R"}}
    log._log_answer(answer, "Scan", {"secure_ddb_reads.request": {"TableName": "Orders"}}, SETTINGS.region)
    lines = table.lines()
    assert [(line["piece"], len(line["item_keys"])) for line in lines] == [
        ([0, 3], 4_000),
        ([1, 3], 4_000),
        ([2, 3], 1_000),
    ]
    assert max(map(len, table.texts())) < 256_000
    assert len(lines[0]["attributes"]) + lines[0]["attributes_left_out"] == 9_002
    assert table.verify(from_beginning=True).reads == 3


def test_lines_say_for_whom(table: ReadTable) -> None:
    log = table.watch(principal="arn:aws:iam::111122223333:role/Batch")
    with log.on_behalf_of("user-17"):
        get(table)
    get(table)
    assert [line.get("on_behalf_of") for line in table.lines()] == ["user-17", None]
    assert "sts" not in table.asked
    for wrong in ("", "x" * 257, None):
        with pytest.raises(ValueError, match="allowed: an id of 1 to 256 characters"), log.on_behalf_of(wrong):  # type: ignore[arg-type]
            pass


def test_powertools_logs_an_invocation_together(table: ReadTable, logs: Refusing) -> None:
    log = table.watch()

    @log_reads(read_log=log, user_of=lambda event: event.get("user"))
    def handler(event: dict[str, Any], _context: object) -> int:
        get(table)
        get(table, 2)
        return len(event)

    assert handler({"user": "user-17"}, None) == 1
    assert logs.puts == 1
    assert {line["on_behalf_of"] for line in table.lines()} == {"user-17"}
    handler({}, None)
    logs.error = THROTTLED
    with pytest.raises(ReadNotLoggedError):
        handler({}, None)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECURE_DDB_READ_LOG", json.dumps(SETTINGS.__dict__))
    assert ReadLog.from_environment()._settings == SETTINGS
    for wrong in ("[]", "{}", json.dumps(SETTINGS.__dict__ | {"more": 1})):
        monkeypatch.setenv("SECURE_DDB_READ_LOG", wrong)
        with pytest.raises(ValueError, match="SECURE_DDB_READ_LOG="):
            ReadLog.from_environment()
