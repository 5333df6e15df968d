"""docs/archive.sql fits the archive and its lines; its statements run, in SQLite with a few functions of Athena's."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.trail import Environment, change, failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

ROOT = Path(__file__).parents[2]
SQL = re.sub(r"^--.*\n", "", (ROOT / "docs" / "archive.sql").read_text(encoding="utf-8"), flags=re.MULTILINE)
TABLE, VIEW, HISTORY, CHANGES, FAILED = (statement.strip() for statement in SQL.split(";")[:-1])
PROPERTIES = dict(re.findall(r"'([\w.]+)' = '([^']+)'", TABLE))
SCHEMA = json.loads((ROOT / "secure_ddb" / "audit_trail" / "record.schema.json").read_text(encoding="utf-8"))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()


def found(line: str, path: str) -> Any:
    """Do what Athena's json_extract does with `$.name` and `$.name.name`: text that is no JSON has no fields."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    for name in path.removeprefix("$.").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def extract(line: str, path: str) -> str | None:
    value = found(line, path)
    return None if value is None else json.dumps(value, separators=(",", ":"))


def extract_scalar(line: str, path: str) -> str | None:
    value = found(line, path)
    return None if isinstance(value, dict | list) or value is None else str(value)


@pytest.fixture
def athena() -> sqlite3.Connection:
    """Return a database with the lines of two batches, the same change twice, and what is no change."""
    connection = sqlite3.connect(":memory:")
    functions: dict[str, tuple[int, Callable[..., Any]]] = {
        "json_extract": (2, extract),
        "json_extract_scalar": (2, extract_scalar),
        "json_format": (1, lambda value: value),
        "try": (1, lambda value: value),
        "lpad": (3, lambda value, length, fill: value.rjust(length, fill)),
        "from_unixtime": (1, lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat()),
        "date_format": (2, lambda value, pattern: datetime.fromisoformat(value).strftime(pattern)),
    }
    for name, (arguments, function) in functions.items():
        connection.create_function(name, arguments, function)
    connection.execute("CREATE TABLE audit_lines (line string, day string)")
    connection.execute(VIEW)
    environment = Environment()
    item = {"created": NOON, "clear": {"Status": [None, {"S": "open"}]}}
    first = environment.batch([change(1, action="INSERT", changed=..., **item), change(2, created=NOON)])
    second = environment.batch([change(3, created=NOON + 60), change(4, created=NOON + 86_400, key="other")])
    again = Environment().batch([change(3, created=NOON + 60)])
    noise = ["", "Task timed out", failure(f"{2:032x}"), failure(f"{2:032x}"), failure(None, number="2", error="X")]
    lines = [(line, "2026-11-21") for line in [*second, *first, *first, *again, *noise]]
    connection.executemany("INSERT INTO audit_lines VALUES (?, ?)", lines)
    return connection


def test_table_lies_where_the_archive_does(template: Callable[[str], Template]) -> None:
    stream = template("archived").properties("AWS::KinesisFirehose::DeliveryStream")
    prefix = stream["ExtendedS3DestinationConfiguration"]["Prefix"]
    date = f"!{{timestamp:{PROPERTIES['projection.day.format']}}}"
    assert PROPERTIES["storage.location.template"] == f"s3://BUCKET/{prefix.replace(date, '${day}')}"
    (location,) = re.findall(r"LOCATION '(.*)'", TABLE)
    assert location == f"s3://BUCKET/{prefix.partition('day=')[0]}"


def test_days_are_found_without_registering_them() -> None:
    assert re.search(r"PARTITIONED BY \(day string\)", TABLE)
    assert PROPERTIES["projection.enabled"] == "true"
    assert PROPERTIES["projection.day.type"] == "date"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d,NOW", PROPERTIES["projection.day.range"])
    assert (PROPERTIES["projection.day.interval"], PROPERTIES["projection.day.interval.unit"]) == ("1", "DAYS")


def test_columns_are_exactly_the_fields_of_a_change(athena: sqlite3.Connection) -> None:
    columns = [column[0] for column in athena.execute("SELECT * FROM audit_changes").description]
    assert columns == ["day", *SCHEMA["$defs"]["change"]["properties"]]


def test_each_column_has_its_field(athena: sqlite3.Connection) -> None:
    athena.row_factory = sqlite3.Row
    (row,) = athena.execute("SELECT DISTINCT * FROM audit_changes WHERE action = 'INSERT'")
    (line,) = athena.execute("SELECT DISTINCT line FROM audit_lines WHERE line LIKE '%INSERT%'").fetchone()
    fields = json.loads(line)
    for name in SCHEMA["$defs"]["change"]["properties"]:
        expected = fields.get(name)
        assert row[name] == (extract(line, f"$.{name}") if isinstance(expected, dict | list) else expected), name


def test_nothing_but_changes_is_a_change(athena: sqlite3.Connection) -> None:
    assert athena.execute("SELECT count(*), count(DISTINCT event_id) FROM audit_changes").fetchone() == (7, 4)


def test_history_of_an_item_is_in_order_and_shows_each_change_once(athena: sqlite3.Connection) -> None:
    rows = athena.execute(HISTORY).fetchall()
    assert [row[0][-1] for row in rows] == ["1", "2", "3"]
    assert [row[2] for row in rows] == ["INSERT", "MODIFY", "MODIFY"]
    assert rows[0][1] == "2026-11-21T12:00:00+00:00"


def test_changes_of_a_day_are_counted_by_action(athena: sqlite3.Connection) -> None:
    assert athena.execute(CHANGES).fetchall() == [
        ("Orders", "INSERT", "request", 1),
        ("Orders", "MODIFY", "request", 2),
    ]


def test_failed_records_say_whether_they_were_written_in_the_end(athena: sqlite3.Connection) -> None:
    assert athena.execute(FAILED).fetchall() == [
        ("100000000000047189201511999", f"{2:032x}", "KeyError", 2, 1),
        ("2", None, "X", 1, 0),
    ]
