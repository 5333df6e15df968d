"""docs/timeline.sql: its queries run in SQLite, with a few functions of Athena's."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.audit.cloud_trail import FIRST, ROLE, management, update

ROOT = Path(__file__).parents[2]
SQL = re.sub(r"^--.*\n", "", (ROOT / "docs" / "timeline.sql").read_text(encoding="utf-8"), flags=re.MULTILINE)
TABLE, VIEW, ITEM, PRINCIPAL, DAY = (statement.strip() for statement in SQL.split(";")[:-1])
COLUMNS = ("day", "at", "id", "service", "action", "who", "access_key", "role", "address", "error", "request")
DIGEST = "q1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM"


def row(record: dict[str, Any]) -> tuple[Any, ...]:
    """Return what the view has of a record: structures have no counterpart in SQLite."""
    identity = record["userIdentity"]
    return (
        record["eventTime"][:10],
        record["eventTime"],
        record["eventID"],
        record["eventSource"],
        record["eventName"],
        identity.get("arn"),
        identity.get("accessKeyId"),
        identity.get("sessionContext", {}).get("sessionIssuer", {}).get("arn"),
        record["sourceIPAddress"],
        record.get("errorCode"),
        json.dumps(record["requestParameters"], separators=(",", ":")),
    )


@pytest.fixture
def athena() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.create_function("from_unixtime", 1, lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat())
    # Athena's %i are minutes, and its %s seconds.
    connection.create_function(
        "date_format",
        2,
        lambda value, form: datetime.fromisoformat(value).strftime(form.replace("%i", "%M").replace("%s", "%S")),
    )
    connection.execute(f"CREATE TABLE cloudtrail_calls ({', '.join(COLUMNS)})")
    connection.execute(
        'CREATE TABLE audit_changes (day, "table", created, action, changed, added, removed, key, event_id)'
    )
    changes = [
        ("2026-11-21", "orders", FIRST, "MODIFY", "{}", None, None, DIGEST, "1"),
        ("2026-11-21", "orders", FIRST, "MODIFY", "{}", None, None, DIGEST, "1"),
        ("2026-11-22", "orders", FIRST + 86_400, "REMOVE", None, None, "{}", DIGEST, "2"),
        ("2026-11-21", "carts", FIRST, "INSERT", None, "{}", None, "other", "3"),
    ]
    connection.executemany(f"INSERT INTO audit_changes VALUES ({', '.join('?' * 9)})", changes)
    request = {"tableName": "orders", "key": {"pk": "a", "sk": 1}}
    alice = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice"}
    role = ROLE.replace("apps/", "")
    session = {"arn": "session", "sessionContext": {"sessionIssuer": {"arn": role}}}
    records = [
        update(1, requestParameters=request, userIdentity=session),
        update(1, requestParameters=request, userIdentity=session),
        update(2, requestParameters={**request, "key": {"pk": "b", "sk": 1}}, userIdentity=alice),
        management(3, "sts", "AssumeRole", {"roleArn": role}, userIdentity=alice, seconds=1),
        management(4, "iam", "PutRolePolicy", {"roleName": "orders"}, userIdentity=alice, seconds=2),
        management(5, "iam", "PutRolePolicy", {"roleName": "orders-2"}, userIdentity=alice, seconds=3),
    ]
    connection.executemany(f"INSERT INTO cloudtrail_calls VALUES ({', '.join('?' * 11)})", map(row, records))
    return connection


def test_the_view_has_the_columns_that_queries_use() -> None:
    fields = VIEW.partition("SELECT")[2].partition("FROM")[0]
    assert tuple(re.findall(r" AS (\w+)", fields)) == COLUMNS


def test_the_view_takes_what_the_table_has() -> None:
    for column in ("eventtime", "eventid", "eventsource", "eventname", "useridentity", "requestparameters"):
        assert re.search(rf"^  {column} ", TABLE, re.MULTILINE), column
        assert column in VIEW


def test_days_of_the_table_are_found_without_registering_them() -> None:
    properties = dict(re.findall(r"'([\w.]+)' = '([^']+)'", TABLE))
    (location,) = re.findall(r"LOCATION '(.*)'", TABLE)
    assert properties["storage.location.template"] == f"{location}${{day}}/"
    assert properties["projection.day.format"] == "yyyy/MM/dd"


def test_an_item_is_followed_through_both(athena: sqlite3.Connection) -> None:
    assert [found[:3] for found in athena.execute(ITEM)] == [
        ("2026-11-21T20:14:39Z", "CloudTrail", "UpdateItem"),
        ("2026-11-21T20:14:39Z", "audit log", "MODIFY"),
        ("2026-11-22T20:14:39Z", "audit log", "REMOVE"),
    ]


def test_a_role_is_followed_with_who_assumed_and_changed_it(athena: sqlite3.Connection) -> None:
    assert [found[2] for found in athena.execute(PRINCIPAL)] == ["UpdateItem", "AssumeRole", "PutRolePolicy"]


def test_a_day_of_a_table_has_both(athena: sqlite3.Connection) -> None:
    found = athena.execute(DAY).fetchall()
    assert [each[1] for each in found] == ["CloudTrail", "CloudTrail", "audit log"]
    assert {each[0] for each in found} == {"2026-11-21T20:14:39Z"}
