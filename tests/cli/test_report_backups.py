"""`secure-ddb report --backups` shows in the evidence what `secure-ddb backups` found out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from boto3 import Session  # type: ignore[import-untyped]
from click.testing import CliRunner, Result

from secure_ddb.cli.main import main
from tests.cli.test_backups import Aws, point, restore_of_test
from tests.evidence.written import assembly, plugin, table_with, validation_report

if TYPE_CHECKING:
    from pathlib import Path

ENTRY: dict[str, Any] = {
    "table": "orders",
    "region": "eu-central-1",
    "asked": "2026-01-02T00:00:00Z",
    "recovery_points": 9,
    "newest": {"vault": {"created": "2026-01-01T12:00:00Z", "age_days": 0.5}},
    "restore_test": None,
    "problems": [],
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    table = table_with("restricted")
    table["Properties"]["TableName"] = "orders"
    directory = assembly(tmp_path / "cdk.out", {"Orders": {"Table": table}})
    validation_report(directory, plugin())
    return directory


def report(directory: Path, content: object) -> Result:
    file = directory.parent / "backups.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    arguments = ["report", str(directory), "--backups", str(file), "--details"]
    return CliRunner().invoke(main, arguments, env={"COLUMNS": "300"})


def backups_in(directory: Path) -> dict[str, str]:
    (table,) = json.loads((directory / "evidence.json").read_text(encoding="utf-8"))["tables"]
    found: dict[str, str] = table["backups"]
    return found


def test_age_and_restore_test_are_in_the_evidence_page_and_terminal(directory: Path) -> None:
    result = report(directory, [ENTRY])
    assert backups_in(directory) == {
        "asked": "2026-01-02T00:00:00Z",
        "recovery points": "9",
        "newest in vault": "2026-01-01T12:00:00Z, 0.5 days old when asked",
        "last restore test": "none on record",
    }
    assert "newest in vault</dt><dd>2026-01-01T12:00:00Z" in (directory / "evidence.html").read_text(encoding="utf-8")
    assert "backups: newest in vault: 2026-01-01T12:00:00Z, 0.5 days old when asked" in result.stdout


def test_what_the_command_writes_is_read(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Aws()
    account.points, account.jobs = [point(2)], [restore_of_test(3, "FAILED")]
    monkeypatch.setattr(Session, "client", lambda *_, **__: account)
    written = CliRunner().invoke(main, ["backups", "orders", "--region", "eu-central-1", "--format", "json"]).stdout
    report(directory, written)
    found = backups_in(directory)
    assert found["newest in orders"].endswith(" 2.0 days old when asked")
    assert found["last restore test"].endswith("COMPLETED, FAILED, 9 items counted")
    assert found["problems"] == "the last restore test failed"


def test_backups_of_another_table_are_a_problem(directory: Path) -> None:
    result = report(directory, [{**ENTRY, "region": "eu-west-1"}])
    assert result.exit_code == 1
    assert "backups of orders in eu-west-1 were given, and no table of the app has this name" in result.stdout
    assert backups_in(directory) == {}


@pytest.mark.parametrize(
    "content", ["no json", {"table": "orders"}, [{"table": "orders"}], [{**ENTRY, "newest": {"vault": {}}}]]
)
def test_another_file_is_refused(directory: Path, content: object) -> None:
    result = report(directory, content)
    assert result.exit_code == 2
    assert "backups.json is not the output of secure-ddb backups --format json: " in result.stderr


def test_without_it_nothing_is_said_of_backups(directory: Path) -> None:
    CliRunner().invoke(main, ["report", str(directory)])
    assert backups_in(directory) == {}
    assert "as AWS Backup said" not in (directory / "evidence.html").read_text(encoding="utf-8")
