"""The command finds, replays and reports; its exit status says what came of it."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from secure_ddb.audit_trail.replay import Outcome
from secure_ddb.cli.audit_replay_report import print_report
from secure_ddb.cli.audit_replay_run import list_failed, replay_failed
from tests.audit.failures_in_aws import (
    BUCKET,
    FUNCTION,
    KEYS,
    OTHER_FUNCTION,
    OTHER_UUID,
    PREFIX,
    SOURCE,
    Aws,
    listed,
    mapping,
    report_of,
    version,
)
from tests.cli.replaying import as_json, run

WHERE = f"s3://{BUCKET}/{PREFIX}"


def test_everything_logged_is_status_0(aws: Aws) -> None:
    aws.has_failures(1, 0)
    aws.answers(KEYS[0], {"logged": 1000, "failed": []})
    aws.answers(KEYS[1], {"logged": 234, "failed": []})
    result = run()
    assert result.exit_code == 0
    printed = result.stdout.splitlines()
    assert f"table Orders, audit function {FUNCTION}" in printed
    assert f"2 objects in {WHERE}" in printed
    assert "- A change that had already been logged now has one more line, with the same event_id." in printed
    assert printed[-1] == "all logged: 1,234 changes logged"
    assert "failed" not in result.stdout
    assert result.stderr == ""


def test_what_fails_again_is_status_1_and_is_named(aws: Aws) -> None:
    aws.has_failures(0, 1, 2)
    aws.answers(KEYS[0], {"logged": 1, "failed": ["7", "9"]})
    aws.answers(KEYS[1], {"errorType": "KeyError", "errorMessage": "SECRET"}, function_error="Unhandled")
    aws.answers(KEYS[2], {"logged": 3, "failed": []})
    result = run()
    assert result.exit_code == 1
    printed = result.stdout.splitlines()
    place = printed.index("failed again: 7")
    assert printed[place : place + 6] == [
        "failed again: 7",
        f"  {KEYS[0]}",
        "failed again: 9",
        f"  {KEYS[0]}",
        f"error: {KEYS[1]}",
        "  the audit function failed with KeyError",
    ]
    assert printed[-1] == "not all logged: 4 changes logged, 2 failed again, 1 object in error"
    assert "SECRET" not in result.output


@pytest.mark.parametrize("answer", [{"logged": 0, "failed": ["7"]}, {"errors": 1}])
def test_each_failure_alone_is_status_1(aws: Aws, answer: object) -> None:
    aws.has_failures(0)
    aws.answers(KEYS[0], answer)
    assert run("--json").exit_code == 1


def test_more_than_a_hundred_failures_are_counted(aws: Aws) -> None:
    aws.has_failures(0, 1)
    aws.answers(KEYS[0], {"logged": 0, "failed": [str(number) for number in range(90)]})
    aws.answers(KEYS[1], {"logged": 0, "failed": [str(number) for number in range(90, 1290)]})
    printed = run().stdout.splitlines()
    assert "failed again: 99" in printed
    assert "failed again: 100" not in printed
    assert "failed again: 1,190 more" in printed


def test_json_has_all_of_the_report(aws: Aws) -> None:
    aws.has_failures(0, 1)
    aws.answers(KEYS[0], {"logged": 1, "failed": ["7"]})
    aws.answers(KEYS[1], b"")
    result = run("--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "table": "Orders",
        "function": FUNCTION,
        "bucket": BUCKET,
        "prefix": PREFIX,
        "dry_run": False,
        "all_logged": False,
        "found": 2,
        "tried": 2,
        "logged": 1,
        "failed": {"count": 1, "first": [{"key": KEYS[0], "sequence_number": "7"}]},
        "errors": {
            "count": 1,
            "first": [{"key": KEYS[1], "error": "the audit function did not return what it has logged"}],
        },
    }


def test_nothing_to_replay_is_status_0_and_says_so(aws: Aws) -> None:
    for _ in range(2):
        aws.has_failures()
    result = run()
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"nothing to replay in {WHERE}"
    report = as_json()
    assert (report["all_logged"], report["found"], report["tried"]) == (True, 0, 0)


def test_a_dry_run_lists_the_objects_and_invokes_nothing(aws: Aws) -> None:
    for _ in range(2):
        aws.has_failures(1, 0)
    result = run("--dry-run")
    assert result.exit_code == 0
    assert f"2 objects in {WHERE}" in result.stdout
    assert result.stdout.splitlines()[-2:] == [
        f"2026-11-20T23:59:59Z  1,000 bytes  {KEYS[0]}",
        f"2026-11-21T20:14:39Z  1,001 bytes  {KEYS[1]}",
    ]
    report = as_json("--dry-run")
    assert (report["dry_run"], report["found"], report["bucket"]) == (True, 2, BUCKET)
    assert report["objects"] == [
        {"key": KEYS[0], "modified": "2026-11-20T23:59:59Z", "size": 1000, "version": "v0", "is_hidden": False},
        {"key": KEYS[1], "modified": "2026-11-21T20:14:39Z", "size": 1001, "version": "v1", "is_hidden": False},
    ]


def test_a_hidden_object_is_status_1_and_shown_in_a_dry_run(aws: Aws) -> None:
    for _ in range(2):
        aws.has_table()
        aws.has_mappings([mapping()])
        aws.has_objects([version(KEYS[0], 0, is_latest=False)])
    printed = run("--dry-run").stdout.splitlines()
    assert printed[-1] == "  hidden by a delete marker or a later version: version v0"
    result = run()
    assert result.exit_code == 1
    printed = result.stdout.splitlines()
    place = printed.index(f"error: {KEYS[0]}")
    assert printed[place + 1] == "  hidden by a delete marker or a later version (version v0)"
    assert printed[-1] == "not all logged: 0 changes logged, 0 failed again, 1 object in error"


def test_a_dry_run_with_nothing_to_list_says_so(aws: Aws) -> None:
    aws.has_failures()
    result = run("--dry-run")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"nothing to replay in {WHERE}"


@pytest.mark.parametrize(
    ("arguments", "places"),
    [
        (["--since", "2026-11-21"], [1, 2]),
        (["--until", "2026-11-21"], [0, 3]),
        (["--since", "2026-11-20T23:59:59", "--until", "2026-11-21T20:14:40Z"], [0, 1]),
        (["--since", "2026-11-20 10:00:01", "--until", "2026-11-20T23:59:59"], []),
    ],
)
def test_times_are_utc_whatever_the_machine_s_zone(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, arguments: list[str], places: list[int]
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    aws.has_failures(0, 1, 2, 3)
    found = as_json("--dry-run", *arguments)["objects"]
    assert [each["key"] for each in found] == [KEYS[place] for place in places]


def test_region_and_profile_are_boto3_s(
    aws: Aws, sessions: set[tuple[str | None, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("[profile auditor]\nregion = eu-west-1\n", encoding="utf-8")
    for arguments, session in (
        (["--region", "eu-north-1"], ("eu-north-1", "default")),
        (["--profile", "auditor"], ("eu-west-1", "auditor")),
        (["--profile", "auditor", "--region", "eu-north-1"], ("eu-north-1", "auditor")),
    ):
        sessions.clear()
        aws.has_failures()
        assert run(*arguments).exit_code == 0
        assert sessions == {session}
    sessions.clear()
    monkeypatch.setenv("AWS_PROFILE", "auditor")
    aws.has_failures()
    assert run().exit_code == 0
    assert sessions == {("eu-west-1", "auditor")}


def test_one_of_several_functions_is_asked_for_and_taken(aws: Aws) -> None:
    for _ in range(2):
        aws.has_table()
        aws.has_mappings([mapping(OTHER_FUNCTION, uuid=OTHER_UUID), mapping()])
    result = run()
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: table Orders cannot be replayed: several functions keep what has failed")
    assert result.stderr.endswith(f"choose with --function: {FUNCTION}, {OTHER_FUNCTION}\n")
    aws.has_objects(listed(0))
    aws.answers(KEYS[0], {"logged": 1, "failed": []})
    assert run("--function", "Orders-AuditFunction-1A2B").exit_code == 0


def test_text_of_aws_is_printed_as_it_is(aws: Aws) -> None:
    aws.has_table()
    aws.has_mappings([mapping()])
    aws.has_objects([version(f"{PREFIX}[bold]x[/] :secret:\x1b", 0)])
    aws.answers(f"{PREFIX}[bold]x[/] :secret:\x1b", {"logged": 0, "failed": ["[red]7[/]\x1b"]})
    printed = run().stdout
    assert rf"{PREFIX}[bold]x[/] :secret:\x1b" in printed
    assert r"failed again: '[red]7[/]\x1b'" in printed


class Terminal(io.StringIO):
    """A terminal that keeps what it is shown."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.has_failures(0, 1)
    aws.answers(KEYS[0], {"logged": 1, "failed": []})
    aws.answers(KEYS[1], {"logged": 1, "failed": []})
    failed = list_failed("Orders", region=None, profile=None, function=None, since=None, until=None)
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    assert replay_failed(failed, as_json=True)
    assert "replaying" in terminal.getvalue()
    assert "2/2" in terminal.getvalue()


def test_objects_in_error_are_shown_up_to_a_hundred(capsys: pytest.CaptureFixture[str]) -> None:
    print_report("Orders", SOURCE, report_of(1234, *(Outcome(f"key {each}", error="broken") for each in range(1234))))
    printed = capsys.readouterr().out.splitlines()
    place = printed.index("error: key 99")
    assert printed[place + 1 : place + 3] == ["  broken", "error: 1,134 more"]
    assert printed[-1] == "not all logged: 0 changes logged, 0 failed again, 1,234 objects in error"
