"""Denied requests, and those that fail by the key: a line for each, and one notice for those of an hour."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.detection.handler.watch import counted
from secure_ddb.detection.handler.watch.counted import counted_requests, kind_of
from tests.detection.reference import Sample, samples
from tests.detection.watching import LOG_GROUP, NOON

if TYPE_CHECKING:
    from tests.detection.watching import Account

DENIED = [each for each in samples() if each.subject == "AccessDenied" and each.is_reported]
FAILED = [each for each in samples() if each.subject == "KeyFailed" and each.is_reported]


def line(event: dict[str, Any]) -> str:
    return counted.line(counted.DENIED, event)


def denied(number: int, who: str = "scanner") -> dict[str, Any]:
    event: dict[str, Any] = json.loads(json.dumps(DENIED[0].event))
    arn = f"arn:aws:sts::111122223333:assumed-role/{who}/session"
    event["detail"] |= {"eventID": str(number), "userIdentity": {"arn": arn}}
    return event


def test_ten_thousand_denied_requests_are_one_message(aws: Account, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(10_000):
        assert not aws.send(denied(number))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10_000
    aws.write(lines, NOON - timedelta(minutes=30))
    (notice,) = aws.run(NOON)
    assert notice["Subject"].startswith("10000 requests to DynamoDB tables")
    assert "10000 times DescribeTable of orders by arn:aws:sts::111122223333:assumed-role/scanner/" in notice["Message"]
    assert len(notice["Message"]) < 1500


def test_notice_names_the_most_frequent_and_counts_the_others(aws: Account) -> None:
    lines = [line(denied(100 * who + number, f"role{who}")) for who in range(12) for number in range(who + 1)]
    aws.write(lines, NOON - timedelta(minutes=30))
    (notice,) = aws.run(NOON)
    assert (
        "Who: 12 times DescribeTable of orders by arn:aws:sts::111122223333:assumed-role/role11/" in notice["Message"]
    )
    assert "and 2 more combinations" in notice["Message"]
    assert "#access-denied" in notice["Message"]
    # As the alarm, so that a game day knows either.
    assert counted.DENIED.happened in notice["Message"]


def test_each_request_is_told_in_one_hour_only(aws: Account) -> None:
    for minutes in (4, 6, 64, 66):
        aws.write([line(denied(minutes))], NOON - timedelta(minutes=minutes))
    told = [aws.run(NOON + timedelta(hours=hours)) for hours in (0, 1)]
    assert [[each["Subject"][:10] for each in notices] for notices in told] == [["2 requests"], ["1 requests"]]


def test_event_that_comes_twice_counts_once(aws: Account) -> None:
    aws.write([line(denied(1)), line(denied(1)), line(denied(2))], NOON - timedelta(minutes=30))
    (notice,) = aws.run(NOON)
    assert notice["Subject"].startswith("2 requests")


def test_more_than_can_be_read_is_said_to_be_more(aws: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secure_ddb.detection.handler.watch.counted._MOST_PAGES", 1)
    page = {"events": [{"eventId": "1", "message": line(denied(1))}], "nextToken": "more"}
    aws.answers["FilterLogEvents"] = page
    pages = iter([page, {"events": []}])
    aws._answer = lambda *_: next(pages)  # type: ignore[method-assign]
    (notice,) = counted_requests(counted.DENIED, aws.client("logs"), LOG_GROUP, NOON)
    assert notice.subject.startswith("at least 1 requests")


def test_an_hour_without_denied_requests_tells_nothing(aws: Account) -> None:
    assert not aws.run(NOON)


@pytest.mark.parametrize("sample", DENIED, ids=lambda each: each.title)
def test_line_says_who_tried_what_on_what(sample: Sample) -> None:
    assert kind_of(sample.event) is counted.DENIED
    said = json.loads(line(sample.event))["denied"]
    assert said["event"] == sample.title
    assert said["who"] == "arn:aws:sts::111122223333:assumed-role/operators/alice"
    assert said["from"] == "192.0.2.10"
    assert said["on"]


def test_line_has_no_key_of_an_item() -> None:
    event = denied(1)
    event["detail"]["requestParameters"] = {"tableName": "orders", "key": {"pk": "alice@example.com"}}
    assert "alice@example.com" not in line(event)


def test_ten_thousand_failures_of_a_key_are_one_message(aws: Account, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(10_000):
        event = json.loads(json.dumps(FAILED[0].event))
        event["detail"]["eventID"] = str(number)
        assert not aws.send(event)
    aws.write(capsys.readouterr().out.splitlines(), NOON - timedelta(minutes=30))
    (notice,) = aws.run(NOON)
    assert notice["Subject"] == "10000 requests to KMS keys failed"
    assert re.search(
        r"Who: 10000 times Decrypt of \S+key/1234abcd\S+ by \S+ from \S+: DisabledException", notice["Message"]
    )
    assert "#key-failed" in notice["Message"]


def test_denied_and_failed_requests_are_two_notices(aws: Account) -> None:
    failed = counted.line(counted.KEY_FAILED, FAILED[0].event)
    aws.write([line(denied(1)), failed], NOON - timedelta(minutes=30))
    subjects = [each["Subject"] for each in aws.run(NOON)]
    assert subjects == [
        "1 requests to DynamoDB tables, keys or backups were denied",
        "1 requests to KMS keys failed",
    ]


@pytest.mark.parametrize("sample", samples(), ids=lambda each: each.title)
def test_each_event_is_counted_as_what_it_is(sample: Sample) -> None:
    code = str(sample.event["detail"].get("errorCode", ""))
    is_failed = sample.event["source"] == "aws.kms" and code.startswith(counted.KEY_ERRORS)
    expected = counted.DENIED if code.startswith("AccessDenied") else counted.KEY_FAILED if is_failed else None
    assert kind_of(sample.event) is expected
    if sample in FAILED:
        assert expected is counted.KEY_FAILED
