"""docs/exports.sql fits what the function writes; its statements run, in SQLite with a few functions of Athena's."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.item_archive.handlers.exports.table_exports.periods import FULL, INCREMENTAL, Due
from tests.audit.test_archive_sql import extract, extract_scalar
from tests.item_archive.exporting import BUCKET, DAY, Exports, at, exports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILE = Path(__file__).parents[2] / "docs" / "exports.sql"
SQL = re.sub(r"^--.*\n", "", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
STATEMENTS = [statement.strip() for statement in SQL.split(";")[:-1]]
JOURNAL, FULL_LINES, INCREMENTAL_LINES, EXPORTS, LINES, GAPS, INCOMPLETE, HISTORY = STATEMENTS
START = at("2026-11-21")


def regexp_extract(text: str, pattern: str, group: int) -> str | None:
    found = re.search(pattern, text)
    return found[group] if found else None


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exports]:
    """Return exports of three days, the second day's at the second attempt."""
    with exports(monkeypatch) as found:
        found.dynamodb.earliest = START - DAY
        found.run_often(START + 600, START + DAY + 600, DAY // 4)
        found.run(START + DAY + 600)
        found.dynamodb.becomes = "FAILED"
        found.run(START + 2 * DAY + 600)
        found.run(START + 2 * DAY + 4_200)
        found.dynamodb.becomes = "COMPLETED"
        found.run_often(START + 2 * DAY + 8_000, START + 3 * DAY + 20_000, 3_600)
        yield found


@pytest.fixture
def athena(exported: Exports) -> sqlite3.Connection:
    """Return a database with the journal as it was written, and lines as DynamoDB documents them."""
    connection = sqlite3.connect(":memory:")
    functions: dict[str, tuple[int, Callable[..., Any]]] = {
        "json_extract": (2, extract),
        "json_extract_scalar": (2, extract_scalar),
        "json_format": (1, lambda value: value),
        "regexp_extract": (3, regexp_extract),
    }
    for name, (arguments, function) in functions.items():
        connection.create_function(name, arguments, function)
    for table in ("orders_journal", "orders_full", "orders_incremental"):
        connection.execute(f'CREATE TABLE {table} (line string, day string, "$path" string)')
    lines = [(json.dumps(each),) for each in exported.journal()]
    connection.executemany("INSERT INTO orders_journal (line) VALUES (?)", lines)
    for request in exported.dynamodb.requests:
        _write(connection, request)
    connection.execute(EXPORTS.replace("bigint", "integer"))
    connection.execute(LINES)
    return connection


def _write(connection: sqlite3.Connection, request: dict[str, Any]) -> None:
    """Write seven lines where DynamoDB would, as `DynamoDb.describe_export` says, and manifests beside them."""
    prefix = f"s3://{BUCKET}/{request['S3Prefix']}/AWSDynamoDB"
    if request["ExportType"] == "FULL_EXPORT":
        table, data = "orders_full", f"{prefix}/01-a/data/x.json.gz"
        lines = [{"Item": {"pk": {"S": f"order-{number}"}}} for number in range(7)]
    else:
        table, data = "orders_incremental", f"{prefix}/data/x.json.gz"
        moment = str(request["IncrementalExportSpecification"]["ExportFromTime"] * 1_000_000)
        lines = [
            {
                "Metadata": {"WriteTimestampMicros": {"N": moment}},
                "Keys": {"pk": {"S": f"order-{4705 + number}"}},
                "OldImage": {"pk": {"S": f"order-{4705 + number}"}, "status": {"S": "open"}},
                "NewImage": {"pk": {"S": f"order-{4705 + number}"}, "status": {"S": "paid"}},
            }
            for number in range(7)
        ]
    rows = [(json.dumps(line), data) for line in lines]
    rows += [('{"version": "2020-06-30"}', f"{prefix}/01-a/manifest-summary.json"), ("", f"{prefix}/01-a/_started")]
    connection.executemany(f'INSERT INTO {table} (line, "$path") VALUES (?, ?)', rows)


@pytest.mark.parametrize(("statement", "kind"), [(FULL_LINES, FULL), (INCREMENTAL_LINES, INCREMENTAL)])
def test_tables_lie_where_the_function_exports_to(statement: str, kind: str) -> None:
    properties = dict(re.findall(r"'([\w.]+)' = '([^']+)'", statement))
    prefix = Due("orders", kind, START, START + DAY).prefix(1)
    day = f"s3://BUCKET/{prefix.rpartition('/')[0]}/"
    assert properties["storage.location.template"].replace("${day}", "2026-11-21") == day
    (location,) = re.findall(r"LOCATION '(.*)'", statement)
    assert day.startswith(location)


def test_the_journal_is_where_the_function_writes_it(exported: Exports) -> None:
    (location,) = re.findall(r"LOCATION 's3://BUCKET/(.*)'", JOURNAL)
    assert exported.s3.list_objects_v2(Bucket=BUCKET, Prefix=location)["KeyCount"] > 0


def test_complete_exports_are_listed_once(athena: sqlite3.Connection) -> None:
    rows = athena.execute('SELECT kind, "from", prefix FROM orders_exports ORDER BY "from", kind').fetchall()
    assert [row[:2] for row in rows] == [
        ("full", "20261121T000000Z"),
        ("incremental", "20261121T000000Z"),
        ("incremental", "20261122T000000Z"),
        ("incremental", "20261123T000000Z"),
    ]
    assert rows[2][2].endswith("from=20261122T000000Z-2")


def test_there_is_no_gap_until_a_period_is_missing(athena: sqlite3.Connection) -> None:
    assert athena.execute(GAPS).fetchall() == []
    athena.execute('DELETE FROM orders_journal WHERE line LIKE \'%incremental%"from": "20261122%\'')
    assert athena.execute(GAPS).fetchall() == [("20261122T000000Z", "20261123T000000Z")]


def test_lines_of_a_failed_attempt_and_of_manifests_are_none(athena: sqlite3.Connection) -> None:
    assert athena.execute("SELECT count(*) FROM orders_lines").fetchone() == (4 * 7,)


def test_nothing_is_incomplete_until_lines_are_missing(athena: sqlite3.Connection) -> None:
    assert athena.execute(INCOMPLETE).fetchall() == []
    athena.execute("DELETE FROM orders_full WHERE line LIKE '%order-3%'")
    ((prefix, items, lines),) = athena.execute(INCOMPLETE).fetchall()
    assert (items, lines) == (7, 6)
    assert prefix.startswith("orders/full/")
    athena.execute("DELETE FROM orders_full")
    assert athena.execute(INCOMPLETE).fetchall() == [(prefix, 7, 0)]


def test_the_history_of_an_item_has_a_state_for_each_period(athena: sqlite3.Connection) -> None:
    rows = athena.execute(HISTORY).fetchall()
    assert [row[0] for row in rows] == ["20261121T000000Z", "20261122T000000Z", "20261123T000000Z"]
    assert rows[0][2] == str(START * 1_000_000)
    assert json.loads(rows[0][4])["status"] == {"S": "paid"}
