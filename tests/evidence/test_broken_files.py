"""Files of a cloud assembly that no synth would write are refused by name, or read; nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.cloudformation.json_schema import ShapeError
from secure_ddb.cloudformation.written_template import TemplateError
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.files import AssemblyError
from secure_ddb.evidence.of_templates import evidence_of_templates
from secure_ddb.evidence.sarif import sarif
from secure_ddb.evidence.validation import REPORT_FILE
from secure_ddb.evidence.write_csv import to_csv
from secure_ddb.evidence.write_json import to_json
from secure_ddb.judging.plugin_metadata import seen_by_plugin
from tests.evidence.written import KEY, assembly, plugin, table_with, validation_report, violation, write
from tests.rules.test_malformed import VALUES, places

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.evidence.model import Evidence

HASH = "a" * 64
NESTED = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"https://example.com/{HASH}.json"}}
STATED = {"settings": {"a": "b"}, "claims": {"audit.reads": "d"}, "not_verifiable": ["its key"], "waivers": {"f": "g"}}
WRITERS: tuple[Callable[..., str], ...] = (to_json, to_csv, sarif)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A cloud assembly with everything that is read of one."""
    table = table_with("restricted", Metadata={"SecureTable": STATED})
    stacks = {"Orders": {"Table": table, "Key": KEY, "Nested": NESTED}, "Prod/Orders": {"Key": KEY}}
    acknowledged = {"Orders/Table": {"SecureDdb::SecureDdb-ENC1": "because"}}
    directory = assembly(tmp_path, stacks, acknowledged=acknowledged)
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    stack = manifest["artifacts"]["Orders"]
    metadata = stack.pop("metadata")
    metadata["/Orders/Table"].append({"type": "aws:cdk:creationStack", "data": ["new T (/work/app.ts:1:2)"]})
    write(directory, "Orders.metadata.json", metadata)
    write(directory, "manifest.json", manifest)
    stack["additionalMetadataFile"] = "Orders.metadata.json"
    write(directory, "manifest.json", manifest)
    write(directory, "Orders.assets.json", {"files": {HASH: {"source": {"path": "Nested.template.json"}}}})
    write(directory, "Nested.template.json", {"Resources": {"Key": KEY}, "Outputs": {"It": {"Value": "x"}}})
    resource = {"templatePath": "Orders.template.json", "logicalId": "Key", "propertyPaths": ["Properties"]}
    construct = {"constructPath": "Orders/Key", "cloudFormationResource": resource}
    found = violation("R1", severity="high", suggestedFix="this", violatingConstructs=[construct])
    waived = violation("R2[a]", "Orders/Key", reason="because", acknowledgedAt="Orders")
    seen = plugin(pluginName="SecureDdb", metadata=seen_by_plugin([], stacks=2))
    validation_report(directory, plugin(found, suppressed=(waived,), pluginVersion="1.0"), seen)
    return directory


FILES = (
    "manifest.json",
    "assembly-Prod/manifest.json",
    "Orders.metadata.json",
    "Orders.assets.json",
    "Orders.template.json",
    "Nested.template.json",
    REPORT_FILE,
)


def every_change(content: Any) -> list[Any]:
    """Return the content with each of its values missing, and with one of another kind in its place."""
    changed = [*VALUES]
    for number, (*around, name) in enumerate(places(content)):
        for change in (*VALUES[number % 3 :: 3], KeyError):
            copied = json.loads(json.dumps(content))
            place = copied
            for each in around:
                place = place[each]
            if change is KeyError:
                del place[name]
            else:
                place[name] = change
            changed.append(copied)
    return changed


def refusal(judge: Callable[[], Evidence], *errors: type[Exception]) -> str:
    """Return why something is refused, or nothing if it is judged and written."""
    try:
        evidence = judge()
    except errors as error:
        return str(error)
    assert all(text_of(evidence) for text_of in WRITERS)
    return ""


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_read_or_refused_by_name(directory: Path, name: str) -> None:
    assert not refusal(lambda: collect(directory), AssemblyError)
    refused = []
    for content in every_change(json.loads((directory / name).read_text(encoding="utf-8"))):
        write((directory / name).parent, Path(name).name, content)
        refused.append(refusal(lambda: collect(directory), AssemblyError))
    assert {bool(each) for each in refused} == {True, False}
    # What names a file that is not there is told by that file.
    assert all(
        f"{directory / name}" in each or "is missing" in each or "is no cloud" in each for each in refused if each
    )


@pytest.mark.parametrize("name", [name for name in FILES if name != REPORT_FILE])
def test_a_broken_file_beside_a_template_is_read_or_refused_by_a_check(directory: Path, name: str) -> None:
    template = directory / "Orders.template.json"
    for content in every_change(json.loads((directory / name).read_text(encoding="utf-8"))):
        write((directory / name).parent, Path(name).name, content)
        contents = {template: template.read_bytes()}
        refused = refusal(lambda: evidence_of_templates(contents), ShapeError, TemplateError, OSError)  # noqa: B023
        assert str(directory) in refused or not refused


def test_a_file_that_is_named_and_missing_is_refused(directory: Path) -> None:
    for name in ("Nested.template.json", "Orders.metadata.json"):
        (directory / name).rename(directory / "elsewhere")
        with pytest.raises(
            AssemblyError, match=f"^{directory / name} is missing, although a file next to it names it$"
        ):
            collect(directory)
        (directory / "elsewhere").rename(directory / name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"artifacts": []}, "artifacts is no object"),
        ({"artifacts": {"Orders": 1}}, "artifacts.Orders is no object"),
        ({"artifacts": {"Orders": {"type": "aws:cloudformation:stack"}}}, "Orders.properties has no templateFile"),
        (
            {"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}},
            "it is a stage of itself",
        ),
    ],
)
def test_a_manifest_of_another_shape_is_refused(directory: Path, content: Any, said: str) -> None:
    file = write(directory, "manifest.json", content)
    with pytest.raises(AssemblyError, match=rf"^{file} cannot be read: .*{said}$"):
        collect(directory)


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        ([1], "pluginReports.0 is no object"),
        ([{}], "pluginReports.0 has no conclusion"),
        ([{"pluginName": "AwsSolutions"}], "pluginReports.0 has no conclusion"),
        ([plugin({"ruleName": "R1", "description": "x"})], "pluginReports.0.violations.0 has no violatingConstructs"),
        (
            [plugin(violation("R1", violatingConstructs=[{"constructPath": 7}]))],
            "pluginReports.0.violations.0.violatingConstructs.0.constructPath is no text",
        ),
        (
            [plugin(pluginName="SecureDdb", metadata={"stacks": "many"})],
            "pluginReports.0.metadata is not as SecureDdb writes it",
        ),
    ],
)
def test_a_report_of_another_shape_is_refused(directory: Path, reports: Any, said: str) -> None:
    validation_report(directory, *reports)
    with pytest.raises(AssemblyError, match=f"^{directory / REPORT_FILE} cannot be read: {said}$"):
        collect(directory)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "no CloudFormation template: it is no object"),
        ({"Resources": []}, "Resources is no object of names to what they stand for"),
        ({"Resources": {"Key": "x"}}, "resource Key has no Type"),
    ],
)
def test_a_template_of_another_shape_is_refused(directory: Path, content: Any, said: str) -> None:
    file = write(directory, "Orders.template.json", content)
    with pytest.raises(AssemblyError, match=f"^{file}: {said}$"):
        collect(directory)


def test_the_template_of_an_empty_stack_is_read(directory: Path) -> None:
    write(directory, "Orders.template.json", {})
    assert [stack.resources for stack in collect(directory).stacks] == [0, 1]
