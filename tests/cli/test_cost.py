"""`secure-ddb cost` estimates assemblies and templates, and says what it does not know."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from secure_ddb.cli.main import main
from tests.evidence.written import KEY, assembly, table_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from tests.template import Template

CHECKOUT = Path(__file__).parents[2]
ORDERS = CHECKOUT / "examples" / "cost" / "orders.yaml"
SCHEMA: dict[str, Any] = json.loads(files("secure_ddb.cost").joinpath("cost.schema.json").read_text("utf-8"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cost", *map(str, arguments)], env={"COLUMNS": "200"})


def estimated(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    content: dict[str, Any] = json.loads(result.stdout)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(content)
    return content


def written(folder: Path, template: Template) -> Path:
    file = folder / "template.json"
    file.write_text(json.dumps(template.body), encoding="utf-8")
    return file


def test_overview_has_a_line_for_each_table(tmp_path: Path, minimal: Template) -> None:
    stacks = {f"Orders{each}": minimal.body["Resources"] for each in range(3)}
    result = run(assembly(tmp_path / "cdk.out", stacks))
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line.endswith("in eu-central-1")]
    assert len(lines) == 3
    for line in lines:
        fixed, per_gb, plus, per_million, *_ = line.split()
        assert float(fixed) > 2
        assert float(per_gb) > 1
        # The price of cold storage is not known.
        assert plus == "+"
        assert float(per_million) > 1
    assert result.stdout.splitlines()[-1].startswith("--details shows")


def test_a_template_is_estimated_in_detail() -> None:
    result = run(ORDERS, "--region", "eu-central-1", "--details")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Estimate in US dollars by AWS's list prices of 20")
    assert "        0.20  alarm metrics: 2, at 0.10, in 1 alarm" in lines
    assert "        1.20  in all; 3.20 after two rotations of its keys" in lines
    assert "     unknown  full copies in cold storage, rule Monthly: 9.04, price unknown" in lines
    # The table, its recovery, 35 daily copies and 12 * 90 / 365 monthly ones: 0.306 + 0.2448 + 37.96 * 0.1224.
    assert "        5.20  in all, without unknown charges" in lines
    assert lines[-1].startswith("USD 1.20 a month for 1 table, USD 3.20 after two key rotations, before use; an est")


def test_json_is_as_its_schema_says() -> None:
    content = estimated(ORDERS, "--region", "eu-west-1")
    (table,) = content["tables"]
    assert table["name"] == f"{ORDERS.as_posix()}/Orders"
    assert table["monthly"]["known"] == 1.2
    assert table["per_gb"]["not_known"] == 1
    # Its Region is the replica's for what is stored there, and the stack's for all else.
    assert {line["region"] for line in table["per_gb"]["lines"]} == {"eu-central-1", "eu-west-1"}


@pytest.mark.parametrize("number", [1, 3])
def test_the_reference_template_costs_what_its_resources_say(tmp_path: Path, minimal: Template, number: int) -> None:
    stacks = {f"Orders{each}": minimal.body["Resources"] for each in range(number)}
    content = estimated(assembly(tmp_path / "cdk.out", stacks))
    metrics = sum(
        # The query on system errors finds none while there are none.
        sum("MetricStat" in query for query in queries)
        for alarm in minimal.resources.values()
        if alarm["Type"] == "AWS::CloudWatch::Alarm"
        for queries in [alarm["Properties"].get("Metrics", [{"MetricStat": {}}])]
    )
    keys = len(minimal.of_type("AWS::KMS::Key"))
    # And one rule of Contributor Insights, for half a dollar.
    assert content["fixed"]["known"] == pytest.approx(number * (keys + metrics * 0.1 + 0.5))
    assert content["fixed"]["after_rotations"] == pytest.approx(content["fixed"]["known"] + 2 * number)
    assert content["not_estimated"] == {}
    assert len(content["tables"]) == number
    (sharing,) = content["sharing"]
    assert sharing["own_table"] > sharing["sharing_table"] > 1
    assert (sharing["saving"] > 0) == (number > 1)


def test_a_reference_template_with_everything_names_what_it_leaves_out(
    tmp_path: Path, template: Callable[[str], Template]
) -> None:
    content = estimated(written(tmp_path, template("everything")), "--region", "eu-central-1")
    unknown = {
        line["price_name"]
        for table in content["tables"]
        for part in ("monthly", "per_gb", "per_million_writes")
        for line in table[part]["lines"]
        if line["cost"] is None
    }
    assert unknown <= {"backup_cold_storage", "firehose_ingestion"}
    assert "firehose_ingestion" in unknown


def test_options_change_what_is_assumed(tmp_path: Path, minimal: Template) -> None:
    file = written(tmp_path, minimal)
    one, ten = (
        estimated(file, "--region", "eu-central-1", "--records-per-batch", size)["tables"][0] for size in (1, 10)
    )
    assert one["full_batches"] is None
    assert one["per_million_writes"]["known"] > ten["per_million_writes"]["known"]
    large = estimated(file, "--region", "eu-central-1", "--item-bytes", 4096, "--line-bytes", 980)
    by_name = {line["price_name"]: line["quantity"] for line in large["tables"][0]["per_million_writes"]["lines"]}
    assert by_name["write_request_unit"] == 4_000_000
    assert by_name["log_ingestion"] == pytest.approx(980e6 / 1024**3, abs=1e-6)


def test_a_template_without_a_region_is_status_2(tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Key": KEY}}), encoding="utf-8")
    result = run(file)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert (
        "nothing was estimated: a template does not say its Region; there are prices for eu-central-1" in result.stderr
    )


def test_a_region_without_prices_is_status_2_unless_another_stands_in(tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Key": KEY}}), encoding="utf-8")
    result = run(file, "--region", "ap-south-1")
    assert result.exit_code == 2
    assert (
        "no prices for the Region ap-south-1; there are prices for eu-central-1, eu-west-1, us-east-1" in result.stderr
    )
    assert run(file, "--region", "ap-south-1", "--region-prices-of", "us-east-1").exit_code == 0
    wrong = run(file, "--region", "us-east-1", "--region-prices-of", "us-east-7")
    assert wrong.exit_code == 2
    assert "no prices for the Region us-east-7" in wrong.stderr


@pytest.mark.parametrize(("content", "said"), [("name: app\n", "no CloudFormation template"), ("", "empty")])
def test_what_is_no_template_is_status_2(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(content, encoding="utf-8")
    result = run(file)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_directory_that_is_no_assembly_is_status_2(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "is no cloud assembly" in result.stderr


@pytest.mark.parametrize("option", ["--item-bytes", "--records-per-batch", "--line-bytes", "--invocation-ms"])
def test_assumptions_are_positive(option: str) -> None:
    result = run(ORDERS, option, 0)
    assert result.exit_code == 2
    assert option in result.stderr


def test_markup_in_names_is_text(tmp_path: Path) -> None:
    result = run(assembly(tmp_path / "cdk.out", {"[bold]Orders[/bold]": {"Table": table_with()}}))
    assert result.exit_code == 0
    assert "[bold]Orders[/bold]" in result.stdout
