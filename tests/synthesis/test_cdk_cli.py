"""Open findings under the CDK CLI: it decides over CDK's report, so the app must not fail every command itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from secure_ddb import InvalidArgumentError
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.synthesis.runs import Run, cli_environment, run


@pytest.fixture(scope="module")
def under_cli(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run apps as the CDK CLI does."""
    folder = tmp_path_factory.mktemp("under_cli")
    apps = ("unencrypted_topic", "run_out", "broken_down")
    return run(Path(__file__).parent / "planted.py", folder, folder, *apps, **cli_environment())


@pytest.fixture(scope="module")
def found(under_cli: Run) -> dict[str, dict[str, Any]]:
    """Return exit status and standard output of each app."""
    assert under_cli.output, under_cli.errors
    found: dict[str, dict[str, Any]] = json.loads(under_cli.output)
    return found


def conclusions(run: Run, app: str) -> dict[str, str]:
    return {plugin["pluginName"]: plugin["conclusion"] for plugin in run.plugins(app)}


@pytest.mark.parametrize("app", ["unencrypted_topic", "run_out"])
def test_open_finding_leaves_the_decision_to_the_cli(
    under_cli: Run, found: dict[str, dict[str, Any]], app: str
) -> None:
    assert found[app]["status"] == 0
    # What the CLI reads, and refuses to deploy.
    assert "failure" in conclusions(under_cli, app).values()


def test_waiver_that_has_run_out_is_an_error_in_the_report_that_the_cli_reads(under_cli: Run) -> None:
    # Of the findings themselves CDK thinks that they are acknowledged.
    assert conclusions(under_cli, "run_out")["SecureDdb"] == "failure"


def test_pack_that_broke_down_fails_the_app_itself(under_cli: Run, found: dict[str, dict[str, Any]]) -> None:
    assert found["broken_down"]["status"] == 1
    # The CLI counts violations only, and would let it pass.
    (broken,) = (plugin for plugin in under_cli.plugins("broken_down") if plugin["pluginName"] == "Broken")
    assert broken["violations"] == []


def test_summary_goes_to_standard_error(under_cli: Run, found: dict[str, dict[str, Any]]) -> None:
    assert {each["summary"] for each in found.values()} == {""}
    assert "error AwsSolutions-SNS3 on Minimal/Planted/Resource" in under_cli.errors
    assert "Broken broke down" in under_cli.errors
    # FORCE_COLOR=0 means none.
    assert "\x1b" not in under_cli.errors


def test_without_the_cli_an_app_gets_the_context_that_the_cli_would_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    passed: dict[str, Any] = json.loads(cli_environment()["CDK_CONTEXT_JSON"])
    # It names the stacks whose assets are bundled: for a synth all, as by default.
    del passed["aws:cdk:bundling-stacks"]
    assert context_in_place_of_cli() == passed
    settings = {"versionReporting": False, "pathMetadata": False, "context": {"region": "eu-west-1"}}
    (tmp_path / "cdk.json").write_text(json.dumps(settings), encoding="utf-8")
    (tmp_path / "cdk.context.json").write_text('{"region": "us-east-1", "vpc": "looked up"}', encoding="utf-8")
    changed = {"aws:cdk:version-reporting": False, "aws:cdk:enable-path-metadata": False}
    assert context_in_place_of_cli() == {**passed, **changed, "region": "eu-west-1", "vpc": "looked up"}


@pytest.mark.parametrize("file", ["cdk.json", "cdk.context.json"])
@pytest.mark.parametrize("content", [b"[]", b"null", b"", b'{"context": ', b'{"a": "\xff"}', b"[" * 100_000])
def test_a_file_of_the_cli_that_is_no_json_object_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InvalidArgumentError, match=r"allowed: a JSON object") as raised:
        context_in_place_of_cli()
    assert str(raised.value).startswith(f"{file} is ")
    assert raised.value.__context__ is None


@pytest.mark.parametrize("context", [None, [], "region"])
def test_a_context_that_is_no_object_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: object
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cdk.json").write_text(json.dumps({"context": context}), encoding="utf-8")
    with pytest.raises(InvalidArgumentError) as raised:
        context_in_place_of_cli()
    assert str(raised.value) == f"context in cdk.json is {context!r}; allowed: a JSON object"
