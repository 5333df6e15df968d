"""`secure-ddb plan` compares two synths, and its exit status says whether a deployment is dangerous."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
import yaml
from aws_cdk import App, Environment, Stack
from botocore.stub import Stubber  # type: ignore[import-untyped]
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from secure_ddb.cli.main import main
from secure_ddb.planning.model import Cause, Effect
from tests.orders import orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

CHECKOUT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads(files("secure_ddb.planning").joinpath("plan.schema.json").read_text("utf-8"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["plan", *map(str, arguments)], env={"COLUMNS": "200"})


def written(folder: Path, name: str, table_name: str, **attributes: Any) -> Path:
    """Write a template with a table."""
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": table_name}, **attributes}
    file = folder / name
    file.write_text(yaml.safe_dump({"Resources": {"Orders": table}}), encoding="utf-8")
    return file


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return written(tmp_path, "old.yaml", "orders")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return written(tmp_path, "new.yaml", "orders-2")


def test_templates_that_are_alike_are_status_0(old: Path) -> None:
    result = run(old, old)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "nothing is replaced, refused or lost; 1 stack compared"


def test_a_finding_says_what_happens_and_what_to_do(old: Path, new: Path) -> None:
    result = run(old, new)
    assert result.exit_code == 1
    first, place, what, why, step, *_, summary = result.stdout.splitlines()
    assert first.startswith("lost Orders ──")
    assert place == f"  AWS::DynamoDB::Table in {new}"
    assert what == "  CloudFormation creates a new, empty one and deletes the old one with its items."
    assert why.startswith('  TableName changes from "orders" to "orders-2". ')
    assert step.startswith("  1. First set UpdateReplacePolicy and DeletionPolicy to Retain")
    assert summary == "1 finding (1 lost); 1 stack compared"


def test_a_finding_that_is_not_certain_says_so(tmp_path: Path, old: Path) -> None:
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    result = run(old, written(tmp_path, "kept.yaml", "orders-2", **kept))
    assert result.exit_code == 1
    assert result.stdout.startswith("may be lost Orders ──")
    assert "with its items. Whether this happens is known only at deployment." in result.stdout


def test_json_is_as_its_schema_says(old: Path, new: Path) -> None:
    result = run(old, new, "--format", "json")
    assert result.exit_code == 1
    content = json.loads(result.stdout)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(content)
    (finding,) = content["findings"]
    assert (finding["effect"], finding["certain"], finding["logical_id"]) == ("lost", True, "Orders")
    properties = SCHEMA["$defs"]["Finding"]["properties"]
    assert properties["effect"]["enum"] == [each.value for each in Effect]
    assert properties["cause"]["enum"] == [each.value for each in Cause]


def synth(folder: Path, *names: str, table_name: str = "orders") -> Path:
    app = App(outdir=str(folder))
    for name in names:
        orders(Stack(app, name, env=Environment(account="111122223333", region="eu-central-1")), table_name=table_name)
    app.synth()
    return folder


def test_cloud_assemblies_are_compared_by_stack(tmp_path: Path) -> None:
    old = synth(tmp_path / "old", "A")
    result = run(old, synth(tmp_path / "new", "A", table_name="orders-2"))
    assert result.exit_code == 1
    assert "AWS::DynamoDB::GlobalTable in A" in result.stdout
    assert run(old, old).exit_code == 0


def test_assemblies_without_a_common_stack_are_status_2(tmp_path: Path) -> None:
    result = run(synth(tmp_path / "old", "A", "B"), synth(tmp_path / "new", "C", "D"))
    assert result.exit_code == 2
    assert "have no stack in common" in result.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [("name: app\n", "no CloudFormation template"), ("", "empty"), ("Resources:\n\tA: 1\n", "not YAML")],
)
def test_what_is_no_template_is_status_2(old: Path, new: Path, content: str, said: str) -> None:
    new.write_text(content, encoding="utf-8")
    result = run(old, new)
    assert result.exit_code == 2
    assert "nothing was compared: " in result.stderr
    assert said in result.stderr
    assert result.stdout == ""


def test_a_directory_that_is_no_assembly_is_status_2(tmp_path: Path, old: Path) -> None:
    result = run(old, tmp_path)
    assert result.exit_code == 2
    assert "is no cloud assembly" in result.stderr


@pytest.mark.parametrize("arguments", [["old.yaml"], ["old.yaml", "new.yaml", "--stack", "Orders"]])
@pytest.mark.usefixtures("old", "new")
def test_two_are_compared(tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Give OLD and NEW, or --stack NAME and NEW." in result.stderr


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Return what answers instead of CloudFormation."""
    client = boto3.client(
        "cloudformation",
        region_name="eu-central-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106
    )
    monkeypatch.setattr("boto3.Session.client", lambda *_args, **_options: client)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


ASKED = {"StackName": "A", "TemplateStage": "Original"}


@pytest.mark.parametrize("write", [yaml.safe_dump, json.dumps])
def test_a_deployed_stack_is_compared(old: Path, new: Path, cloudformation: Stubber, write: Any) -> None:
    body = write(yaml.safe_load(old.read_text(encoding="utf-8")))
    cloudformation.add_response("get_template", {"TemplateBody": body}, ASKED)
    result = run("--stack", "A", new)
    assert result.exit_code == 1
    assert "lost Orders" in result.stdout


def test_a_deployed_stack_is_found_in_an_assembly(tmp_path: Path, cloudformation: Stubber) -> None:
    new = synth(tmp_path / "new", "A", "B")
    body = (new / "A.template.json").read_text(encoding="utf-8")
    cloudformation.add_response("get_template", {"TemplateBody": body}, ASKED)
    result = run("--stack", "A", new)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].endswith("1 stack compared")


def test_an_assembly_without_the_deployed_stack_is_status_2(tmp_path: Path, old: Path, cloudformation: Stubber) -> None:
    cloudformation.add_response("get_template", {"TemplateBody": old.read_text(encoding="utf-8")}, ASKED)
    result = run("--stack", "A", synth(tmp_path / "new", "B"))
    assert result.exit_code == 2
    assert "has no stack named A" in result.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ValidationError", "there is no such stack in this account and Region"),
        ("AccessDenied", "the credentials need cloudformation:GetTemplate on the stack"),
    ],
)
def test_a_stack_that_cannot_be_read_is_status_2(new: Path, cloudformation: Stubber, code: str, said: str) -> None:
    cloudformation.add_client_error("get_template", code, "refused")
    result = run("--stack", "A", new)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_planning_loads_neither_cdk_nor_node_nor_boto3(old: Path, new: Path) -> None:
    program = (
        "import json, sys\n"
        "from click.testing import CliRunner\n"
        "from secure_ddb.cli.main import main\n"
        f"assert CliRunner().invoke(main, ['plan', {str(old)!r}, {str(new)!r}]).exit_code == 1\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(finished.stdout)}
    assert "click" in loaded
    assert loaded.isdisjoint({"aws_cdk", "boto3", "botocore", "cfnlint", "constructs", "jsii"})
