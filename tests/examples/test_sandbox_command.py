"""The command starts only for the account that is named."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from examples.sandbox import command
from examples.sandbox.report import Observation, Report
from tests.audit.failures_in_aws import forget_configuration
from tests.examples.sandbox_account import ACCOUNT, REGION, Account

if TYPE_CHECKING:
    from pathlib import Path


class Runs:
    """Stands in for the run.

    Attributes:
        report: What it returns.
        started: The account and whether to keep everything, for each run.
    """

    def __init__(self) -> None:
        self.report = Report([Observation("A claim", seen=True)])
        self.started: list[tuple[str, bool]] = []

    def __call__(self, _aws: Any, account: str, *, keep: bool, say: Any) -> Report:
        say("started")
        self.started.append((account, keep))
        return self.report


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs()
    monkeypatch.setattr(command, "run", runs)
    monkeypatch.setattr(command, "Session", lambda **_: SimpleNamespace(region_name=REGION))
    monkeypatch.setattr(command, "Aws", lambda _: Account())
    return runs


def invoke(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(command.main, arguments, input=typed)


def test_the_named_account_needs_no_question(runs: Runs) -> None:
    result = invoke("--yes", ACCOUNT)
    assert (result.exit_code, runs.started) == (0, [(ACCOUNT, False)])
    assert "A claim" in result.stdout


def test_another_account_is_refused(runs: Runs) -> None:
    result = invoke("--yes", "444455556666")
    assert (result.exit_code, runs.started) == (2, [])
    assert f"the credentials are of account {ACCOUNT}, not 444455556666; nothing was done" in result.stderr


def test_the_account_may_be_typed(runs: Runs) -> None:
    result = invoke("--keep", typed=f"{ACCOUNT}\n")
    assert (result.exit_code, runs.started) == (0, [(ACCOUNT, True)])
    assert f"account {ACCOUNT}, eu-central-1" in result.stderr


@pytest.mark.parametrize("typed", ["yes\n", "", "444455556666\n"])
def test_anything_else_that_is_typed_is_refused(runs: Runs, typed: str) -> None:
    result = invoke(typed=typed)
    assert result.exit_code != 0
    assert runs.started == []


@pytest.mark.parametrize(
    "report",
    [
        Report([Observation("A claim", seen=False)]),
        Report([], stopped="interrupted"),
        Report([], remains=["stack"]),
    ],
)
def test_the_exit_status_is_1_if_something_differs(runs: Runs, report: Report) -> None:
    runs.report = report
    assert invoke("--yes", ACCOUNT).exit_code == 1


def test_without_credentials_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_configuration(monkeypatch, tmp_path)
    result = invoke("--region", "eu-central-1", "--yes", ACCOUNT)
    assert result.exit_code == 2
    assert "there are no AWS credentials" in result.stderr


def test_without_a_region_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_configuration(monkeypatch, tmp_path)
    result = invoke("--yes", ACCOUNT)
    assert result.exit_code == 2
    assert "no Region is set" in result.stderr
