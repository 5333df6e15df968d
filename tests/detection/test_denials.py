"""Denied requests: a line for each, and one notice for those of an hour, however many there are."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.detection import measures
from secure_ddb.detection.handler.watch.denials import is_denial, line
from tests.detection.reference import Sample, samples
from tests.detection.watching import LOG_GROUP, NOON

if TYPE_CHECKING:
    from tests.detection.watching import Account

DENIED = [each for each in samples() if each.subject == "AccessDenied" and each.is_reported]


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
    assert measures.DENIED in notice["Message"]


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
    monkeypatch.setattr("secure_ddb.detection.handler.watch.denials._MOST_PAGES", 1)
    page = {"events": [{"eventId": "1", "message": line(denied(1))}], "nextToken": "more"}
    aws.answers["FilterLogEvents"] = page
    pages = iter([page, {"events": []}])
    aws._answer = lambda *_: next(pages)  # type: ignore[method-assign]
    from secure_ddb.detection.handler.watch.denials import denied_requests  # noqa: PLC0415

    (notice,) = denied_requests(aws.client("logs"), LOG_GROUP, NOON)
    assert notice.subject.startswith("at least 1 requests")


def test_an_hour_without_denied_requests_tells_nothing(aws: Account) -> None:
    assert not aws.run(NOON)


@pytest.mark.parametrize("sample", DENIED, ids=lambda each: each.title)
def test_line_says_who_tried_what_on_what(sample: Sample) -> None:
    assert is_denial(sample.event)
    said = json.loads(line(sample.event))["denied"]
    assert said["event"] == sample.title
    assert said["who"] == "arn:aws:sts::111122223333:assumed-role/operators/alice"
    assert said["from"] == "192.0.2.10"
    assert said["on"]


def test_line_has_no_key_of_an_item() -> None:
    event = denied(1)
    event["detail"]["requestParameters"] = {"tableName": "orders", "key": {"pk": "alice@example.com"}}
    assert "alice@example.com" not in line(event)


@pytest.mark.parametrize("sample", [each for each in samples() if each not in DENIED], ids=lambda each: each.title)
def test_other_events_are_no_denied_requests(sample: Sample) -> None:
    code = str(sample.event["detail"].get("errorCode", ""))
    assert is_denial(sample.event) is code.startswith("AccessDenied")
