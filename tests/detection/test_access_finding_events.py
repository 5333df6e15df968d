"""Findings of IAM Access Analyzer: the rules on them, against the events that AWS shows.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from secure_ddb.people.access_findings import (
    EXTERNAL_ACCESS_MESSAGE,
    UNUSED_ACCESS_MESSAGE,
    external_access_pattern,
    unused_access_pattern,
)
from tests.detection.reference import matches, value_at

COMMON = {"accountId": "111122223333", "isDeleted": False, "status": "ACTIVE", "version": "1.0"}
TABLE = {
    **COMMON,
    "action": ["dynamodb:GetItem"],
    "condition": {},
    "id": "22222222-dcba-4444-dcba-333333333333",
    "isPublic": False,
    "principal": {"AWS": "999988887777"},
    "resource": "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
    "resourceType": "AWS::DynamoDB::Table",
}
ROLE = {
    **COMMON,
    "findingId": "b8ae0460-5d29-4922-b92a-ba956c986277",
    "findingType": "UnusedPermission",
    "numberOfUnusedActions": 1,
    "previousStatus": "",
    "resource": "arn:aws:iam::111122223333:role/operators",
    "resourceType": "AWS::IAM::Role",
}
EXTERNAL, UNUSED = "Access Analyzer Finding", "Unused Access Finding for IAM entities"


def event(kind: str, detail: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "11111111-2222-4444-aaaa-333333333333",
        "detail-type": kind,
        "source": "aws.access-analyzer",
        "account": "111122223333",
        "time": "2026-03-02T09:14:03Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:access-analyzer:eu-central-1:111122223333:analyzer/account"],
        "detail": {**detail, **changes},
    }


def message(texts: tuple[str, dict[str, str]], found: dict[str, Any]) -> str:
    text, paths = texts
    return re.sub(r"<(\w+)>", lambda name: json.dumps(value_at(found, paths[name[1]])).strip('"'), text)


@pytest.mark.parametrize("detail", [TABLE, {**TABLE, "isPublic": True}, {**TABLE, "error": "ACCESS_DENIED"}])
def test_open_findings_on_tables_are_reported(detail: dict[str, Any]) -> None:
    assert matches(external_access_pattern(), event(EXTERNAL, detail))
    assert not matches(unused_access_pattern(), event(EXTERNAL, detail))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (EXTERNAL, {"status": "ARCHIVED"}),
        (EXTERNAL, {"status": "RESOLVED"}),
        (EXTERNAL, {"resourceType": "AWS::EFS::FileSystem"}),
        ("Access Preview State Change", {"status": "COMPLETED"}),
        ("Internal Access Finding", {}),
    ],
)
def test_other_events_are_not_reported(kind: str, changes: dict[str, Any]) -> None:
    assert not matches(external_access_pattern(), event(kind, TABLE, **changes))


def test_open_findings_on_unused_access_are_reported() -> None:
    assert matches(unused_access_pattern(), event(UNUSED, ROLE))
    assert not matches(unused_access_pattern(), event(UNUSED, ROLE, status="RESOLVED"))
    assert not matches(external_access_pattern(), event(UNUSED, ROLE))


@pytest.mark.parametrize(
    ("texts", "found", "said"),
    [
        (EXTERNAL_ACCESS_MESSAGE, event(EXTERNAL, TABLE), [TABLE["resource"], TABLE["id"], "everyone: false"]),
        (UNUSED_ACCESS_MESSAGE, event(UNUSED, ROLE), [ROLE["resource"], ROLE["findingId"], "UnusedPermission"]),
    ],
)
def test_message_says_what_where_when_what_to_do_and_links_a_runbook(
    texts: tuple[str, dict[str, str]], found: dict[str, Any], said: list[str]
) -> None:
    text = message(texts, found)
    assert [each for each in said if each not in text] == []
    assert "null" not in text
    assert text.startswith("2026-03-02T09:14:03Z: ")
    assert "archive the finding" in text
    assert text.endswith("Runbook: docs/people.md of secure_ddb, #findings-of-iam-access-analyzer")
