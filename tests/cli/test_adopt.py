"""`secure-ddb adopt` says how an existing table becomes a `SecureTable`, and writes the files for it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from moto import mock_aws

from secure_ddb.cli.adopt_account import BotoAccount
from secure_ddb.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

CHECKOUT = Path(__file__).parents[2]
TEMPLATE = CHECKOUT / "examples" / "adopt" / "orders.yaml"
PLAN = CHECKOUT / "examples" / "adopt" / "plan.json"
SCHEMA: dict[str, Any] = json.loads(files("secure_ddb.adoption").joinpath("adoption.schema.json").read_text("utf-8"))
REGION = "eu-central-1"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["adopt", *map(str, arguments)], env={"COLUMNS": "200"})


def test_differences_come_first_then_steps_with_their_risk() -> None:
    result = run(TEMPLATE, "--region", REGION)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"differences: {TEMPLATE}: Orders ──")
    assert lines[1].startswith(
        "unknown OPS-1  The table's tags do not tell its cost center, application and environment."
    )
    steps = [number for number, line in enumerate(lines) if line.startswith("steps ──")]
    assert lines[steps[0] + 1].startswith("1. Make a backup of the table")
    assert sum(line.startswith("   Risk: ") for line in lines) == 10
    assert lines[-3] == "orders: 13 differences (1 unknown, 3 changed, 9 gained), 10 steps"
    assert lines[-1].endswith("add TableControls: docs/declared-elsewhere.md")
    assert len(lines) < 80


def test_json_is_as_its_schema_says() -> None:
    result = run(PLAN, "--format", "json")
    assert result.exit_code == 1
    content = json.loads(result.stdout)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(content)
    assert (content["table"]["origin"], content["table"]["region"]) == ("Terraform", REGION)
    assert content["keeps_everything"] is False
    assert [stage["file"] for stage in content["stages"]] == ["1-import.json", "2-stream.json"]


def test_code_alone_is_code() -> None:
    result = run(TEMPLATE, "--code")
    assert result.exit_code == 1
    compile(result.stdout, "stack.py", "exec")
    assert result.stdout.endswith("app.synth()\n")


def test_files_are_written(tmp_path: Path) -> None:
    code, stages = tmp_path / "stack.py", tmp_path / "stages"
    result = run(TEMPLATE, "--output", code, "--stages", stages, "--stack", "Shop")
    assert result.exit_code == 1
    assert 'ShopStack(\n    app,\n    "Shop",' in code.read_text(encoding="utf-8")
    assert sorted(each.name for each in stages.iterdir()) == ["1-import.json", "2-stream.json"]
    assert run(TEMPLATE, "--code", "--stack", "Shop").stdout == code.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give FILE or --table NAME."),
        ([TEMPLATE, "--table", "orders"], "Give FILE or --table NAME."),
        ([TEMPLATE, "--code", "--format", "json"], "Give --code or --format json."),
        ([TEMPLATE, "--resource", "Carts"], f"{TEMPLATE} has no table Carts; its tables: Orders"),
        ([PLAN, "--resource", "aws_dynamodb_table.carts"], "its tables: aws_dynamodb_table.orders"),
        ([TEMPLATE, "--stack", "a b"], "--stack is a b; allowed: a letter, then letters, digits and hyphens"),
        (["missing.yaml"], "does not exist"),
        ([CHECKOUT / "README.md"], "README.md"),
        ([TEMPLATE, "--output", "/nowhere/stack.py"], "/nowhere/stack.py"),
    ],
)
def test_what_cannot_be_done_is_status_2(arguments: list[object], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_a_plan_of_another_shape_is_status_2(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    text = PLAN.read_text(encoding="utf-8").replace('"tags_all": {', '"global_secondary_index": ["by-status"], "x": {')
    file.write_text(text, encoding="utf-8")
    result = run(file)
    assert result.exit_code == 2
    assert f"{file} is not the output of terraform show -json" in " ".join(result.stderr.split())


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    # Moto has neither; tests/e2e asks the emulator for them.
    monkeypatch.setattr(BotoAccount, "kinesis", lambda *_: [])
    monkeypatch.setattr(BotoAccount, "insights", lambda *_: {})
    with mock_aws():
        yield boto3.Session(region_name=REGION)


def test_a_table_of_the_account_is_read(account: Any) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    account.client("dynamodb").create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        Tags=[{"Key": "team", "Value": "orders"}],
    )
    result = run("--table", "orders", "--region", REGION, "--code")
    assert result.exit_code == 1, result.stderr
    assert f'self, "Key", "{key}"\n' in result.stdout
    assert f'env=Environment(account="123456789012", region="{REGION}")' in result.stdout


@pytest.mark.usefixtures("account")
def test_a_table_that_is_not_there_is_status_2() -> None:
    result = run("--table", "orders", "--region", REGION)
    assert result.exit_code == 2
    assert "there is no such table in this account and Region" in " ".join(result.stderr.split())


class Refusing:
    """A session whose clients refuse everything."""

    def __init__(self, code: str) -> None:
        self._code = code

    def client(self, _service: str) -> Refusing:
        return self

    def __getattr__(self, operation: str) -> Any:
        def refuse(**_: Any) -> None:
            raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, operation)

        return refuse


def test_only_the_key_may_be_refused() -> None:
    denied = BotoAccount(Refusing("AccessDeniedException"))
    assert denied.key_manager("key") is None
    with pytest.raises(ClientError):
        denied.policy("arn")
    assert BotoAccount(Refusing("PolicyNotFoundException")).policy("arn") is None


def test_adopting_loads_neither_cdk_nor_node_nor_boto3() -> None:
    program = (
        "import json, sys\n"
        "from click.testing import CliRunner\n"
        "from secure_ddb.cli.main import main\n"
        f"assert CliRunner().invoke(main, ['adopt', {str(TEMPLATE)!r}]).exit_code == 1\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(finished.stdout)}
    assert "click" in loaded
    assert loaded.isdisjoint({"aws_cdk", "boto3", "botocore", "cfnlint", "constructs", "jsii"})
