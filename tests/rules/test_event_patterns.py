"""Patterns of EventBridge rules, compared with another implementation of EventBridge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from moto.events.models import EventPattern

from secure_ddb.cloudformation.values import unknown
from secure_ddb.landscape.event_patterns import matches_event

if TYPE_CHECKING:
    from secure_ddb.landscape.event_patterns import Event

ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
EVENT: Event = {
    "source": "aws.backup",
    "detail-type": "Backup Job State Change",
    "detail": {"state": "FAILED", "resourceArn": ARN, "severity": 8.5},
}
READ: list[Any] = [
    {},
    {"source": ["aws.backup"]},
    {"source": ["aws.dynamodb"]},
    {"source": ["aws.dynamodb", "aws.backup"]},
    {"source": []},
    {"source": [{"prefix": "aws."}]},
    {"source": [{"prefix": "com."}]},
    {"source": [{"anything-but": "aws.backup"}]},
    {"source": [{"anything-but": ["aws.dynamodb", "aws.s3"]}]},
    {"source": [{"anything-but": ["aws.dynamodb", "aws.backup"]}]},
    {"source": [{"prefix": "com."}, "aws.backup"]},
    {"detail": {"state": ["FAILED"]}},
    {"detail": {"state": ["COMPLETED"]}},
    {"detail": {"state": [{"anything-but": "COMPLETED"}]}},
    {"source": ["aws.backup"], "detail": {"state": ["ABORTED"]}},
    {"source": ["aws.dynamodb"], "detail": {"state": ["FAILED"]}},
    {"detail": {"state": [1]}},
    {"detail": {"severity": [8.5]}},
    {"detail": {"severity": [8]}},
    {"detail": {"severity": ["8.5"]}},
    {"detail": {"severity": [{"numeric": [">=", 4]}]}},
    {"detail": {"severity": [{"numeric": [">", 8.5]}]}},
    {"detail": {"severity": [{"numeric": [">=", 4, "<", 7]}]}},
    {"detail": {"severity": [{"numeric": ["=", 8.5]}]}},
    {"detail": {"severity": {"score": [8]}}},
]
NOT_READ: list[Any] = [
    {"detail": {"statusMessage": ["x"]}},
    {"detail": {"state": [{"wildcard": "F*"}]}},
    {"detail": {"state": [{"equals-ignore-case": "failed"}]}},
    {"detail": {"state": [{"suffix": "ED"}]}},
    {"detail": {"state": [{"exists": False}]}},
    {"detail": {"severity": [{"anything-but": 2}]}},
    {"detail": {"severity": [{"numeric": unknown("parameter")}]}},
    {"detail": {"severity": [{"numeric": [">=", unknown("parameter")]}]}},
    {"detail": {"severity": [unknown("parameter")]}},
    {"detail": {"state": [{"prefix": {"equals-ignore-case": "f"}}]}},
    {"detail": {"state": [{"anything-but": {"wildcard": "C*"}}]}},
    {"detail": {"state": [unknown("parameter")]}},
    {"detail": unknown("parameter")},
    unknown("parameter"),
    None,
    "no JSON",
]


@pytest.mark.parametrize("pattern", READ, ids=json.dumps)
def test_a_pattern_is_read_as_moto_reads_it(pattern: dict[str, Any]) -> None:
    expected = EventPattern(json.dumps(pattern), pattern).matches_event(EVENT)  # type: ignore[arg-type]
    assert matches_event(pattern, EVENT) is bool(expected)
    assert matches_event(json.dumps(pattern), EVENT) is bool(expected)


@pytest.mark.parametrize("pattern", NOT_READ, ids=str)
def test_what_is_not_read_or_not_known_is_neither_a_match_nor_none(pattern: object) -> None:
    assert matches_event(pattern, EVENT) is None


def test_one_alternative_is_enough() -> None:
    alternatives = [{"source": ["aws.s3"]}, {"detail": {"state": ["FAILED"]}}]
    assert matches_event({"$or": alternatives}, EVENT) is True
    assert matches_event({"$or": alternatives[:1]}, EVENT) is False
    assert matches_event({"$or": alternatives, "source": ["aws.s3"]}, EVENT) is False


def test_a_field_that_the_event_surely_lacks_matches_no_value() -> None:
    event: Event = {"detail": {"errorCode": None}}
    assert matches_event({"detail": {"errorCode": [{"prefix": "Access"}]}}, event) is False
    assert matches_event({"detail": {"errorCode": {"name": ["AccessDenied"]}}}, event) is False
    assert matches_event({"detail": {"errorCode": [{"exists": False}]}}, event) is True
    assert matches_event({"detail": {"errorCode": [unknown("parameter")]}}, event) is None


def test_what_the_deployment_knows_may_be_what_is_meant() -> None:
    event: Event = {"detail": {"resourceArn": "arn:aws:dynamodb:${AWS.Region}:${AWS.AccountId}:table/orders"}}
    for expected in (ARN, {"prefix": "arn:aws:dynamodb:eu-"}, {"anything-but": ARN}):
        assert matches_event({"detail": {"resourceArn": [expected]}}, event) is None
    assert matches_event({"detail": {"resourceArn": [ARN.replace("orders", "others")]}}, event) is False
