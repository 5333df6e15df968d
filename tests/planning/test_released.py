"""A stack with a table of an earlier version of the library is updated without losing anything.

The fixtures are templates as they were once synthesized: those in `fixtures` protect every later release, those of
`tests/upgrade` are older. They are never written anew. After a release that changes a template on purpose, add its
templates under a new name, such as `fixtures/minimal-1.2.json`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from secure_ddb.planning.plan import plan
from tests.configurations import CONFIGURATIONS
from tests.planning.planning import template
from tests.synthesized import synthesized
from tests.template import Template

if TYPE_CHECKING:
    from secure_ddb.planning.model import Finding

HERE = Path(__file__).parent
FIXTURES = [*sorted((HERE / "fixtures").glob("*.json")), *sorted((HERE.parent / "upgrade").glob("*.json"))]
# Folder and configuration, then type and effect of each resource that holds data, with the reason.
ALLOWED: dict[str, dict[tuple[str, str], str]] = {
    "upgrade/own_key": {
        ("AWS::Backup::BackupVault", "replaced"): "The vault's name tells its key apart from others: CHANGELOG.md."
    },
}


def findings(file: Path) -> tuple[Finding, ...]:
    """Return what an update of a released template to the one of today does."""
    configuration = file.stem.partition("-")[0]
    today = synthesized(CONFIGURATIONS[configuration]).body["Resources"]
    return plan([template(Template.read(file).resources, "Test")], [template(today, "Test")]).findings


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_an_update_loses_only_what_is_allowed(file: Path) -> None:
    found = {(each.resource_type, each.label): each.why for each in findings(file)}
    assert found.keys() == ALLOWED.get(f"{file.parent.name}/{file.stem}", {}).keys(), found


def test_there_is_a_fixture_of_each_kind() -> None:
    assert {"minimal", "everything"} <= {file.stem for file in (HERE / "fixtures").glob("*.json")}


@pytest.mark.parametrize("name", ["minimal", "everything"])
def test_a_renamed_table_would_be_noticed(name: str) -> None:
    old = Template.read(HERE / "fixtures" / f"{name}.json")
    renamed = Template.read(HERE / "fixtures" / f"{name}.json")
    renamed.table()["TableName"] = "another"
    found = plan([template(old.resources, "Test")], [template(renamed.resources, "Test")]).findings
    assert ("AWS::DynamoDB::GlobalTable", "replaced") in {(each.resource_type, each.label) for each in found}
