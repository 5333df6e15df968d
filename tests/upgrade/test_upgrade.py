"""An upgrade of the library replaces nothing that holds data, unless CHANGELOG.md names it.

The templates beside this file are those of an earlier commit. CloudFormation replaces a resource if one of its
create-only properties changes; the types' schemas, which cfn-lint ships, say which. After a release, put its templates
here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parent
CONFIGURATIONS = tuple(sorted(file.stem for file in FOLDER.glob("*.json")))
HOLDS_DATA = {
    "AWS::Backup::BackupVault",
    "AWS::DynamoDB::GlobalTable",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
}
# Each is in CHANGELOG.md, with what it means for a table that is deployed.
REPLACED: dict[str, dict[str, set[str]]] = {
    # The vault's name tells its key apart from others. The first vault stays, out of the stack.
    "own_key": {"AWS::Backup::BackupVault": {"BackupVaultName"}},
}


def create_only(kind: str) -> list[str]:
    """Return the properties of a type that can only be set when a resource is made, as paths."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-central-1", kind).schema
    return [path.removeprefix("/properties/") for path in schema.get("createOnlyProperties", [])]


def at(properties: Any, path: str) -> Any:
    """Return what stands at a path in properties."""
    for name in path.split("/"):
        if not isinstance(properties, dict):
            return None
        properties = properties.get(name)
    return properties


def replaced(before: Template, after: Template) -> Iterator[tuple[str, str, str]]:
    """Yield the logical id, type and property of each resource that an update would replace."""
    for name, resource in before.resources.items():
        now = after.resources.get(name)
        if now is None or now["Type"] != resource["Type"]:
            continue
        for path in create_only(resource["Type"]):
            if at(resource.get("Properties"), path) != at(now.get("Properties"), path):
                yield name, resource["Type"], path


@pytest.fixture(params=CONFIGURATIONS)
def configuration(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def before(configuration: str) -> Template:
    return Template.read(FOLDER / f"{configuration}.json")


@pytest.fixture
def after(configuration: str, template: Callable[[str], Template]) -> Template:
    return template(configuration)


def test_what_holds_data_keeps_its_logical_id(before: Template, after: Template) -> None:
    kept = {name: each["Type"] for name, each in before.resources.items() if each["Type"] in HOLDS_DATA}
    assert kept
    assert {name: after.resources.get(name, {}).get("Type") for name in kept} == kept


def test_only_what_the_changelog_names_is_replaced(configuration: str, before: Template, after: Template) -> None:
    found: dict[str, set[str]] = {}
    for _, kind, path in replaced(before, after):
        if kind in HOLDS_DATA:
            found.setdefault(kind, set()).add(path)
    assert found == REPLACED.get(configuration, {})


def test_a_renamed_table_would_be_noticed(before: Template, configuration: str) -> None:
    renamed = Template.read(FOLDER / f"{configuration}.json")
    renamed.table()["TableName"] = "another"
    assert {(kind, path) for _, kind, path in replaced(before, renamed)} == {
        ("AWS::DynamoDB::GlobalTable", "TableName")
    }
