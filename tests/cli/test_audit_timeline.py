"""The command prints a timeline, says what it lacks, and its exit status says so too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from secure_ddb.cli.main import main
from tests.audit.cloud_trail import log_file, record, update
from tests.audit.trail import Environment, change

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "q1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM"
KEY = '{"pk": {"S": "a"}, "sk": {"N": "1"}}'


def run(*arguments: object, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["audit", "timeline", *map(str, arguments)], input=stdin)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "input"
    folder.mkdir()
    (folder / "log").write_text("".join(f"{line}\n" for line in Environment().batch([change(0), change(86_400)])))
    denied: dict[str, Any] = {"errorCode": "AccessDenied", "errorMessage": "not \x1b[31mauthorized"}
    search = record(2, "Scan", {"tableName": "Orders"})
    (folder / "trail").write_bytes(log_file(update(1, **denied), search))
    return folder


def test_events_are_printed_in_order_with_what_to_know(files: Path) -> None:
    result = run(files, "--item", KEY, "--digest", DIGEST)
    assert result.exit_code == 0
    printed = result.stdout.splitlines()
    assert printed[0].startswith("timeline ─")
    assert printed[1] == (
        "2026-11-21T20:14:39Z  dynamodb:UpdateItem  arn:aws:sts::111122223333:assumed-role/orders/i-0123"
    )
    assert "errorCode AccessDenied" in printed[3]
    # What the input holds must not reach the terminal as it is.
    assert "\x1b" not in result.stdout
    assert printed[5].startswith("2026-11-21T20:14:39Z  MODIFY")
    assert printed[6] == f"  Orders {DIGEST}"
    assert "- 3 events. Times of the audit log are approximate, to the second." in printed
    assert "- 1 queries, scans and statements may concern the item; --possible lists them" in printed


def test_json_is_one_document(files: Path) -> None:
    result = run(files, "--day", "2026-11-21", "--json")
    document = json.loads(result.stdout)
    assert document["count"] == len(document["events"]) == 3
    assert {event["at"][:10] for event in document["events"]} == {"2026-11-21"}
    assert document["notes"]["unreadable"] == {"count": 0, "first": []}
    assert "order" not in document["events"][0]


def test_nothing_is_an_empty_document(files: Path) -> None:
    document = json.loads(run(files, "--principal", "nobody", "--json").stdout)
    assert (document["events"], document["count"]) == ([], 0)


def test_what_is_neither_line_nor_record_is_status_1(files: Path) -> None:
    (files / "other").write_text("something else\n")
    result = run(files, "--day", "2026-11-21")
    assert result.exit_code == 1
    assert f"  {files}/other:1: not JSON" in result.stdout.splitlines()


def test_input_that_is_not_all_there_is_status_2(files: Path) -> None:
    (files / "trail").write_bytes(log_file(update(1))[:-5])
    result = run(files, "--day", "2026-11-21")
    assert result.exit_code == 2
    assert "no timeline, because" in result.stderr


def test_standard_input_is_read() -> None:
    result = run("-", "--principal", "orders", "--json", stdin=log_file(update(1)))
    assert json.loads(result.stdout)["count"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give one of --item, --digest, --principal, --day, --since and --until"),
        (["--day", "2026-11-21", "--since", "2026-11-20"], "--day cannot be combined with"),
        (["--since", "2026-11-21", "--until", "2026-11-21"], "--since must be before --until"),
        (["--item", "a"], "allowed: the item's key"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(files: Path, arguments: list[str], message: str) -> None:
    result = run(files, *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
