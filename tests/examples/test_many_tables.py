"""The example with many tables, at a smaller size: what the platform team set holds for each of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Validations
from click.testing import CliRunner

from examples.many_tables import fill
from secure_ddb import SecureDdbChecks
from secure_ddb.cli.main import main
from secure_ddb.evidence.collect import collect, open_results
from secure_ddb.evidence.files import stack_templates
from secure_ddb.evidence.model import Status
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES, STACKS = 14, 2
MOST_RESOURCES = 10


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    app = App(outdir=str(tmp_path_factory.mktemp("many")))
    Validations.of(app).add_plugins(SecureDdbChecks())
    fill(app, tables=TABLES, stacks=STACKS)
    return Path(app.synth().directory)


@pytest.fixture(scope="module")
def templates(assembly: Path) -> dict[str, Template]:
    files = stack_templates(assembly)
    return {file.name.removeprefix("Production")[:5]: Template.read(file) for file in files}


def of_teams(templates: dict[str, Template]) -> Iterator[Template]:
    yield from (template for name, template in templates.items() if name != "Platf")


def test_there_are_as_many_stacks_and_tables(templates: dict[str, Template]) -> None:
    assert sorted(templates) == ["Platf", "Team0", "Team1"]
    for template in of_teams(templates):
        assert len(template.of_type("AWS::DynamoDB::GlobalTable")) == TABLES // STACKS
        assert len(template.resources) <= MOST_RESOURCES * TABLES // STACKS


def test_nothing_is_open(assembly: Path) -> None:
    assert open_results(collect(assembly)) == []


def test_names_and_tags_are_the_company_s(templates: dict[str, Template]) -> None:
    names: Counter[str] = Counter()
    for template in of_teams(templates):
        for table in template.of_type("AWS::DynamoDB::GlobalTable").values():
            names[table["Properties"]["TableName"]] += 1
            (replica,) = table["Properties"]["Replicas"]
            assert "acme:owner" in {tag["Key"] for tag in replica["Tags"]}
    assert names == Counter(f"team{stack}-prod-table{number}" for stack in (0, 1) for number in range(7))


def test_every_role_has_the_boundary(templates: dict[str, Template]) -> None:
    roles = [role for template in templates.values() for role in template.of_type("AWS::IAM::Role").values()]
    assert len(roles) > TABLES
    (boundary,) = (
        name for name in templates["Platf"].of_type("AWS::IAM::ManagedPolicy") if name.startswith("Boundary")
    )
    # By an export of the platform team's stack, whose name ends in that of the policy.
    assert all(boundary in json.dumps(role["Properties"]["PermissionsBoundary"]) for role in roles)


def test_rules_see_that_the_boundary_lets_the_roles_of_services_work(assembly: Path) -> None:
    found = [each for each in collect(assembly).results if each.rule in {"SecureDdb-BAK10", "SecureDdb-AUD9"}]
    assert len(found) >= 2 * TABLES
    assert {each.status for each in found} == {Status.MET}


def test_one_function_records_all_tables_each_by_its_settings(templates: dict[str, Template]) -> None:
    function = templates["Platf"].only("AWS::Lambda::Function", "SharedAudit")["Properties"]
    own = json.loads(function["Environment"]["Variables"]["TABLES"])
    assert own == {f"team{stack}-prod-table6": {"clear": ["status"]} for stack in (0, 1)}
    sizes: Counter[int] = Counter()
    for template in of_teams(templates):
        assert not template.of_type("AWS::Lambda::Function")
        for mapping in template.of_type("AWS::Lambda::EventSourceMapping").values():
            sizes[mapping["Properties"]["BatchSize"]] += 1
    assert sizes == {10: STACKS, 100: TABLES - STACKS}


def test_cost_puts_tables_with_the_same_numbers_together(assembly: Path) -> None:
    result = CliRunner().invoke(main, ["cost", str(assembly)], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "14 tables, such as Production/Team0/Table0, in eu-central-1" in result.stdout
