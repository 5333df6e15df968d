"""Settings of single tables that share an audit function, as the function reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.audit_trail.verify import Kind
from tests.audit.checks import golden, read, read_one
from tests.audit.trail import verified

if TYPE_CHECKING:
    from tests.audit.aws import Aws
    from tests.audit.conftest import Run

STREAM = "arn:aws:dynamodb:eu-central-1:111122223333:table/{}/stream/2026-01-01"


def changed(table: str, name: str = "modify") -> dict[str, Any]:
    record = golden(name)
    record["eventSourceARN"] = STREAM.format(table)
    return record


@pytest.fixture(autouse=True)
def shared(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - it sets the variables first
    monkeypatch.setenv("DIGESTS", "per table")
    monkeypatch.setenv("CLEAR_ATTRIBUTES", '["note"]')
    tables = {"orders": {"clear": ["consent"]}, "carts": {"clear": [], "keys": "plain"}, "bad": {"clear": "note"}}
    monkeypatch.setenv("TABLES", json.dumps(tables))


def test_each_table_shows_its_own_attributes(run: Run) -> None:
    lines = {table: read_one(run(changed(table))[1]) for table in ("orders", "carts", "others")}
    assert {table: set(line.get("clear", {})) for table, line in lines.items()} == {
        "orders": {"consent"},
        "carts": set(),
        "others": {"note"},
    }


def test_each_table_shows_keys_as_it_chose(run: Run) -> None:
    lines = {table: read_one(run(changed(table))[1]) for table in ("orders", "carts", "others")}
    assert {table for table, line in lines.items() if "keys" in line} == {"carts"}
    assert lines["orders"]["key"] != lines["others"]["key"]


def test_tables_in_one_batch_are_told_apart(run: Run) -> None:
    _, output = run(changed("others"), changed("orders"), changed("carts"))
    assert [set(line.get("clear", {})) for line in read(output)] == [{"note"}, {"consent"}, set()]


def test_a_table_named_like_the_beginning_of_another_has_no_settings_of_it(run: Run) -> None:
    for name in ("order", "orders2", "ORDERS"):
        assert set(read_one(run(changed(name))[1])["clear"]) == {"note"}


def test_settings_that_are_wrong_fail_that_table_only(run: Run, aws: Aws) -> None:
    answer, output = run(changed("bad"))
    assert len(answer["batchItemFailures"]) == 1
    assert read_one(output)["failure"]["error"] == "ValueError"
    assert "MARKER" not in output
    aws.log.clear()
    answer, output = run(changed("orders"))
    assert answer == {"batchItemFailures": []}
    assert set(read_one(output)["clear"]) == {"consent"}


def test_a_failing_table_does_not_delay_or_break_the_chain_of_another(run: Run, aws: Aws) -> None:
    for number in range(6):
        record = changed("orders" if number % 2 else "bad")
        record["eventID"] = record["dynamodb"]["SequenceNumber"] = f"{number}"
        answer, _ = run(record)
        assert bool(answer["batchItemFailures"]) is (number % 2 == 0)
    report = verified(aws.text.splitlines(), table="orders", from_beginning=True)
    # The line about a failure names no table.
    assert {finding.kind for finding in report.findings} == {Kind.NOT_LOGGED}
    assert (report.records, report.chains_started) == (3, 1)


def test_lines_with_keys_in_clear_and_a_mac_verify(run: Run, aws: Aws) -> None:
    for number in range(3):
        record = changed("carts")
        record["eventID"] = record["dynamodb"]["SequenceNumber"] = f"{number}"
        run(record)
    assert '"link_mac"' in aws.text
    report = verified(aws.text.splitlines(), table="carts", from_beginning=True)
    assert (report.intact, report.records) == (True, 3), report.findings
