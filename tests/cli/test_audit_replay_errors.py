"""What keeps the command from running is one sentence and status 2, and nothing ends in a stack trace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError  # type: ignore[import-untyped]

from secure_ddb.audit_trail.replay import Outcome
from secure_ddb.cli import audit_replay_run
from secure_ddb.cli.extra import HINT
from tests.audit.failures_in_aws import KEYS, Aws, mapping
from tests.cli.replaying import run

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT: Exception = ReadTimeoutError(endpoint_url="https://lambda")
CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "'yesterday' does not match the formats"),
        (["--since", "2026-11-21T20:14:39+01:00"], "does not match the formats"),
        (["--since", "2026-11-21", "--until", "2026-11-21"], "--since must be before --until"),
        (["Visits"], "Got unexpected extra argument"),
    ],
)
def test_arguments_that_make_no_sense_are_status_2(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("operation", "code", "said"),
    [
        ("describe_table", "ResourceNotFoundException", "there is no such table in this account and Region"),
        ("describe_table", "AccessDeniedException", "access denied; the credentials need dynamodb:DescribeTable"),
        ("describe_table", "ExpiredTokenException", "AWS rejected the credentials, which may have expired (An"),
        ("describe_table", "ValidationException", "An error occurred (ValidationException)"),
        ("list_event_source_mappings", "AccessDeniedException", "need lambda:ListEventSourceMappings ("),
        ("list_event_source_mappings", "TooManyRequestsException", "An error occurred (TooManyRequestsException)"),
        (
            "list_object_versions",
            "AccessDenied",
            "need s3:ListBucketVersions on the failure bucket (An error",
        ),
        ("list_object_versions", "NoSuchBucket", "its failure bucket no longer exists"),
    ],
)
def test_what_aws_refuses_is_status_2_in_one_sentence(aws: Aws, operation: str, code: str, said: str) -> None:
    if operation != "describe_table":
        aws.has_table()
    if operation == "list_object_versions":
        aws.has_mappings([mapping()])
    services = {"describe_table": "dynamodb", "list_event_source_mappings": "lambda", "list_object_versions": "s3"}
    aws.refuses(services[operation], operation, code, "Not\nyou.")
    result = run()
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: table Orders cannot be replayed: ")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDeniedException", "access denied; the credentials need lambda:InvokeFunction on the audit function"),
        ("ResourceNotFoundException", "its audit function no longer exists"),
        ("TooManyRequestsException", "An error occurred (TooManyRequestsException)"),
    ],
)
def test_a_replay_that_aws_stops_is_status_2_and_says_how_far_it_came(aws: Aws, code: str, said: str) -> None:
    aws.has_failures(0, 1, 2)
    aws.answers(KEYS[0], {"logged": 1, "failed": []})
    aws.refuses("lambda", "invoke", code)
    result = run()
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: stopped at {KEYS[1]}, after 1 of 3 objects: ")
    assert said in result.stderr
    printed = result.stdout.splitlines()
    assert printed[-1] == "not all logged: 1 change logged, 0 failed again, 0 objects in error, 2 not replayed"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TIMEOUT, 'Read timeout on endpoint URL: "https://lambda"'),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_a_replay_that_gets_no_answer_is_status_2(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str
) -> None:
    def invoke(**_: Any) -> None:
        raise error

    aws.has_failures(0, 1)
    monkeypatch.setattr(aws.clients["lambda"], "invoke", invoke)
    result = run("--json")
    assert result.exit_code == 2
    assert result.stderr == f"Error: stopped at {KEYS[0]}, after 0 of 2 objects: {said}\n"
    report = json.loads(result.stdout)
    assert (report["all_logged"], report["found"], report["tried"]) == (False, 2, 0)


def test_an_interruption_after_the_last_object_changes_nothing(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> Iterator[Outcome]:
        yield Outcome(KEYS[0], 1)
        raise KeyboardInterrupt

    aws.has_failures(0)
    monkeypatch.setattr(audit_replay_run, "replay", interrupted)
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no Region is set; pass --region"),
        (["--region", "eu-central-1"], "there are no AWS credentials; pass a profile with --profile, or set the AWS"),
        (["--profile", "nobody"], "The config profile (nobody) could not be found"),
        (["--region", "eu central"], "Provided region_name 'eu central' doesn't match a supported format."),
    ],
)
def test_without_region_credentials_or_profile_it_is_status_2(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: table Orders cannot be replayed: {said}")
    assert len(result.stderr.splitlines()) == 1


def started(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, check=False, encoding="utf-8"
    )


def test_boto3_is_needed_only_to_run() -> None:
    without = "import sys; sys.modules['boto3'] = None; from secure_ddb.cli.main import main; main({})"
    finished = started(without.format(["audit", "replay", "--help"]))
    assert (finished.returncode, finished.stderr) == (0, "")
    finished = started(without.format(["audit", "replay", "Orders"]))
    assert finished.returncode == 2
    assert finished.stderr == f"Error: {HINT}\n"


def test_running_does_not_load_the_cdk() -> None:
    finished = started("import json, sys, secure_ddb.cli.audit_replay_run; print(json.dumps(sorted(sys.modules)))")
    loaded = {name.partition(".")[0] for name in json.loads(finished.stdout)}
    assert "boto3" in loaded
    assert loaded.isdisjoint({"aws_cdk", "cdk_nag", "constructs", "jsii"})


def test_a_broken_module_is_not_taken_for_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "secure_ddb.cli.audit_replay_run", None)
    assert isinstance(run().exception, ModuleNotFoundError)
