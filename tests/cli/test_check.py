"""`secure-ddb check` checks any CloudFormation template, and its exit status says what it found."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from secure_ddb.evidence import model
from secure_ddb.waivers.stated_waiver import parse_waiver
from tests.cli.checking import BARE, run
from tests.rules.handwritten import changed
from tests.rules.handwritten.making import ACCOUNT, REGION

if TYPE_CHECKING:
    from click.testing import Result

CHECKOUT = Path(__file__).parents[2]
ACCEPTED = "rebuilt nightly (approved by SEC-1, expires 2099-12-31)"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("bare.yaml").write_text(BARE, encoding="utf-8")
    return Path("bare.yaml")


def written(folder: Path, *changes: tuple[str, Any]) -> Path:
    """Write a template that lacks nothing but what is changed."""
    file = folder / "orders.yaml"
    file.write_text(yaml.safe_dump(changed(*changes)), encoding="utf-8")
    return file


def of_known_place(file: Path, *arguments: object) -> Result:
    return run(file, "--account", ACCOUNT, "--region", REGION, *arguments)


def test_a_template_that_lacks_nothing_is_status_0(tmp_path: Path) -> None:
    result = of_known_place(written(tmp_path))
    assert result.exit_code == 0
    *_, summary = result.stdout.splitlines()
    assert "manual SecureDdb-ENC14: The table's key uses the company's own key material" in result.stdout
    assert summary.startswith("no findings, 0 not verifiable, 0 waived, 1 manual, ")
    assert summary.endswith(" met; 1 table in 1 template")
    assert result.stderr == ""


def test_a_bare_table_is_status_1_and_says_what_to_do(bare: Path) -> None:
    result = run(bare)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("bare.yaml ──")
    assert lines[1] == "Orders AWS::DynamoDB::Table, line 2"
    place = lines.index("  high SecureDdb-BAK3: Deletion protection is off")
    assert [line.strip() for line in lines[place + 1 : place + 3]] == [
        "Properties.DeletionProtectionEnabled: DeletionProtectionEnabled is missing",
        "Set DeletionProtectionEnabled to true for each replica.",
    ]
    ranks = [line.split(" SecureDdb")[0].strip() for line in lines if re.match(r"  \w", line)]
    assert ranks == sorted(ranks, key=["critical", "high", "medium", "low", "not verifiable", "manual"].index)
    assert "findings (" in lines[-2]
    assert lines[-1] == "Run secure-ddb check --explain SecureDdb-ENC1 for details of a rule"


@pytest.mark.parametrize(
    ("severity", "status"), [("low", 1), ("medium", 1), ("high", 0), ("critical", 0), ("never", 0)]
)
def test_the_severity_decides_on_the_status(tmp_path: Path, severity: str, status: int) -> None:
    # A rule of severity medium.
    file = written(tmp_path, ("Key/Properties/EnableKeyRotation", False))
    result = of_known_place(file, "--fail-on", severity)
    assert "1 finding (1 medium)" in result.stdout
    assert result.exit_code == status


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 0),
        (["--fail-on-not-verifiable"], 1),
        (["--fail-on-not-verifiable", "--fail-on", "high"], 0),
        (["--fail-on-not-verifiable", "--fail-on", "never"], 0),
    ],
)
def test_what_is_not_verifiable_fails_only_if_asked_to(tmp_path: Path, arguments: list[str], status: int) -> None:
    file = written(tmp_path, ("Key/Properties/EnableKeyRotation", {"Ref": "Parameter"}))
    result = of_known_place(file, *arguments)
    assert "  not verifiable SecureDdb-ENC2: " in result.stdout
    assert "    Properties.EnableKeyRotation: EnableKeyRotation is known only at deployment" in result.stdout
    assert "no findings, 1 not verifiable" in result.stdout
    assert result.exit_code == status


def test_what_is_waived_is_shown_with_its_reason_and_fails_nothing(tmp_path: Path) -> None:
    metadata = {"SecureTable": {"waivers": {"AWS Backup (BAK-2)": parse_waiver(ACCEPTED).as_metadata()}}}
    file = written(tmp_path, ("Table/Metadata", metadata), ("Selection", None))
    result = of_known_place(file)
    assert "  waived SecureDdb-BAK5: The table is in a backup plan" in result.stdout
    assert f"    {ACCEPTED}" in result.stdout.splitlines()
    assert result.exit_code == 0


def test_templates_are_judged_together(bare: Path) -> None:
    Path("alarm.yaml").write_text(
        "Resources:\n  Alarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties: {}\n", encoding="utf-8"
    )
    assert run(bare, "alarm.yaml").stdout.splitlines()[-2].endswith("1 table in 2 templates")


@pytest.mark.parametrize("text", [BARE, json.dumps(yaml.safe_load(BARE))])
def test_standard_input_is_read(text: str) -> None:
    result = run("-", stdin=text)
    assert result.exit_code == 1
    assert result.stdout.startswith("standard input ──")


def test_without_anything_to_judge_it_says_so(bare: Path) -> None:
    bare.write_text("Resources:\n  Queue: {Type: AWS::SQS::Queue}\n", encoding="utf-8")
    result = run(bare)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "nothing to check: 0 tables in 1 template"


def test_what_was_not_judged_is_told(bare: Path) -> None:
    bare.write_text(f"Transform: AWS::Serverless-2016-10-31\n{BARE}", encoding="utf-8")
    line = "- bare.yaml: not judged: the output of the transform AWS::Serverless-2016-10-31"
    assert line in run(bare).stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 0),
        (["--fail-on-not-verifiable"], 1),
        (["--fail-on-not-verifiable", "--fail-on", "critical"], 1),
        (["--fail-on-not-verifiable", "--fail-on", "never"], 0),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Orders: {Type: AWS::Serverless::SimpleTable}\n",
        "Resources:\n  Everywhere: {Type: AWS::CloudFormation::StackSet, Properties: {TemplateBody: '{}'}}\n",
        "Resources:\n  Orders: {Type: Example::Orders::Table::MODULE}\n",
        "Resources:\n  Fn::ForEach::Orders: [Name, !Ref Names, {T: {Type: AWS::DynamoDB::Table}}]\n",
        "Resources:\n  Queue: {Type: AWS::SQS::Queue, Properties: {Fn::Transform: {Name: AWS::Include}}}\n",
    ],
    ids=["SAM", "stack set", "module", "loop", "macro"],
)
def test_what_was_not_judged_fails_only_if_asked_to(bare: Path, text: str, arguments: list[str], status: int) -> None:
    bare.write_text(text, encoding="utf-8")
    result = run(bare, *arguments)
    assert "- bare.yaml: not judged: " in result.stdout
    assert result.exit_code == status


def test_json_has_the_findings_with_the_names_of_the_model(bare: Path) -> None:
    result = run(bare, "--format", "json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert {"version", "judged_on", "problems", "met", "findings"} == report.keys()
    # Its stack is not too large, in resources and in bytes.
    assert report["met"] == 2
    finding = next(each for each in report["findings"] if each["rule"] == "SecureDdb-BAK3")
    assert finding.keys() == model.Result.__dataclass_fields__.keys()
    assert finding["status"] == "not met"
    assert finding["location"] == {"file": "bare.yaml", "line": 2}
    assert {each["status"] for each in report["findings"]} == {"not met", "not verifiable"}


def test_json_counts_what_is_met(tmp_path: Path) -> None:
    report = json.loads(of_known_place(written(tmp_path), "--format", "json").stdout)
    assert [(each["rule"], each["status"]) for each in report["findings"]] == [("SecureDdb-ENC14", "manual")]
    assert report["met"] > 50


def test_sarif_is_valid_and_names_the_line(bare: Path) -> None:
    result = run(bare, "--format", "sarif")
    assert result.exit_code == 1
    log = json.loads(result.stdout)
    schema = (CHECKOUT / "tests" / "evidence" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
    Draft202012Validator(json.loads(schema)).validate(log)
    places = [each["locations"][0]["physicalLocation"] for each in log["runs"][0]["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"bare.yaml"}
    assert {place["region"]["startLine"] for place in places} == {2}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "bare.yaml: empty"),
        (b"Resources:\n\tA: 1\n", "bare.yaml:2: not YAML"),
        (b"name: app\n", "bare.yaml: no CloudFormation template"),
        (b"\xff", "bare.yaml:1: not text in UTF-8"),
    ],
)
def test_what_is_no_template_is_status_2(bare: Path, content: bytes, said: str) -> None:
    bare.write_bytes(content)
    result = run(bare)
    assert result.exit_code == 2
    assert f"Error: nothing was checked: {said}" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'TEMPLATE...': one or more templates, or --explain RULE."),
        (["no-such-file"], "'no-such-file' does not exist"),
        (["."], "'.' is a directory"),
        (["--fail-on", "some", "-"], "'some' is not one of"),
        (["--format", "xml", "-"], "'xml' is not one of"),
    ],
)
def test_what_cannot_be_asked_is_status_2(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_text_of_templates_is_printed_as_it_is(bare: Path) -> None:
    bare.write_text(
        "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: '[bold]x[/] :secret:'\n",
        encoding="utf-8",
    )
    assert "DeletionPolicy: DeletionPolicy is [bold]x[/] :secret:" in run(bare).stdout


def test_judging_loads_neither_cdk_nor_node_nor_boto3(bare: Path) -> None:
    program = (
        "import json, sys\n"
        "from click.testing import CliRunner\n"
        "from secure_ddb.cli.main import main\n"
        "for way in ('text', 'json', 'sarif'):\n"
        f"    assert CliRunner().invoke(main, ['check', {str(bare.resolve())!r}, '--format', way]).exit_code == 1\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(finished.stdout)}
    assert {"click", "yaml"} <= loaded
    assert loaded.isdisjoint({"aws_cdk", "boto3", "botocore", "cdk_nag", "constructs", "jsii"})


def test_other_commands_do_not_load_the_rules() -> None:
    program = "import json, sys, secure_ddb.cli.main; print(json.dumps(sorted(sys.modules)))"
    finished = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, check=True)
    loaded = set(json.loads(finished.stdout))
    assert "secure_ddb.cli.audit_verify" in loaded
    assert loaded.isdisjoint({"secure_ddb.rules.pack", "yaml"})
