"""A directory says what the rules and the other packs say, in one order, with nothing left out."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.evidence.collect import collect, exit_status, open_results
from secure_ddb.evidence.files import AssemblyError
from secure_ddb.evidence.model import Location, StackFacts, Status, WaivedBy
from secure_ddb.judging.judge import judge
from secure_ddb.judging.plugin_metadata import seen_by_plugin
from secure_ddb.judging.reading import read_templates
from secure_ddb.landscape.assembly import Acknowledged
from secure_ddb.table_evidence import METADATA_KEY
from tests.evidence.written import BARE, KEY, assembly, plugin, table_with, validation_report, violation

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.evidence.model import Result

PROTECTION = "SecureDdb-BAK3"
WAIVER = "a trial (approved by SEC-1, expires 2030-06-30)"
TODAY, LATER = date(2030, 6, 30), date(2030, 7, 1)


def of_rule(results: tuple[Result, ...], rule: str) -> list[Result]:
    return [result for result in results if result.rule == rule]


@pytest.fixture
def two_tables(tmp_path: Path) -> Path:
    stacks = {"Orders": {"Table": BARE}, "Prod/Orders": {"Key": KEY, "Table": BARE}}
    directory = assembly(tmp_path, stacks, acknowledged={"Prod/Orders/Table": {f"SecureDdb::{PROTECTION}": WAIVER}})
    validation_report(directory, plugin(violation("R1", "Orders/Table")))
    return directory


def test_results_are_what_the_rules_say(two_tables: Path) -> None:
    files = [two_tables / "Orders.template.json", two_tables / "assembly-Prod" / "ProdOrders.template.json"]
    judged = judge(read_templates(files, with_paths=True))

    results = [result for result in collect(two_tables).results if result.pack == "SecureDdb"]

    expected = sorted((rule.id, each.verdict.value, each.path, each.detail, each.key) for rule, each in judged)
    assert expected == sorted(
        (each.rule, each.status.value, each.property_path, each.detail, each.key) for each in results
    )


@pytest.fixture
def _made_in_app_py(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"Orders/Table": Location(file="app.py", line=7)}
    monkeypatch.setattr("secure_ddb.evidence.collect.read_locations", lambda _: made)


@pytest.mark.usefixtures("_made_in_app_py")
def test_result_says_all_about_its_rule_and_its_resource(two_tables: Path) -> None:
    evidence = collect(two_tables, today=TODAY)

    result, waived = of_rule(evidence.results, PROTECTION)
    assert (result.pack, result.status, result.severity) == ("SecureDdb", Status.NOT_MET, "high")
    assert result.title == "Deletion protection is off"
    assert result.detail == "DeletionProtectionEnabled is missing"
    assert result.property_path == "Properties.DeletionProtectionEnabled"
    assert (result.stack, result.template) == ("Orders", "Orders.template.json")
    assert (result.logical_id, result.resource_type) == ("Table", "AWS::DynamoDB::Table")
    assert (result.construct, result.tables) == ("Orders/Table", ("Orders/Table",))
    assert result.requirements == ("BAK-1",)
    assert "NIST.800-53.r5 CM-3" in result.controls
    assert result.remedy.startswith("Set DeletionProtectionEnabled to true")
    assert result.source.startswith("https://docs.aws.amazon.com/")
    assert (result.location, result.waived_by) == (Location(file="app.py", line=7), None)
    assert (waived.template, waived.construct) == ("assembly-Prod/ProdOrders.template.json", "Prod/Orders/Table")
    assert waived.location is None


def test_acknowledged_finding_is_waived_until_its_day(two_tables: Path) -> None:
    (_, waived) = of_rule(collect(two_tables, today=TODAY).results, PROTECTION)
    (_, ended) = of_rule(collect(two_tables, today=LATER).results, PROTECTION)

    assert waived.status is Status.WAIVED
    assert waived.waived_by == WaivedBy(
        reason="a trial", approved_by="SEC-1", expires=TODAY, construct="Prod/Orders/Table"
    )
    assert (ended.status, ended.waived_by) == (Status.NOT_MET, None)


def test_results_are_in_order_of_place_pack_and_rule(two_tables: Path) -> None:
    validation_report(two_tables, plugin(violation("R1", "Prod", "Orders/Table"), violation("R2", "")))

    results = collect(two_tables).results

    assert list(dict.fromkeys(result.stack for result in results)) == ["Orders", "Prod/Orders", ""]
    of_table = [result for result in results if result.construct == "Orders/Table"]
    assert of_table[0].pack == "Pack"
    numbers = [int(each.rule[len("SecureDdb-MON") :]) for each in of_table if "-MON" in each.rule]
    assert numbers == sorted(numbers)
    assert numbers[-1] > 9


def test_same_directory_is_the_same_evidence(two_tables: Path) -> None:
    assert collect(two_tables) == collect(two_tables)


def digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def test_evidence_of_another_template_has_another_digest(two_tables: Path) -> None:
    before = {stack.name: stack.sha256 for stack in collect(two_tables).stacks}
    file = two_tables / "Orders.template.json"
    # Not even what it says is another.
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    after = {stack.name: stack.sha256 for stack in collect(two_tables).stacks}

    assert {name for name in before if before[name] != after[name]} == {"Orders"}


def test_what_is_not_judged_keeps_the_evidence_from_being_whole(tmp_path: Path) -> None:
    sets = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": "{}"}}
    directory = assembly(tmp_path, {"Prod/Orders": {"Everywhere": sets}})
    validation_report(directory, plugin())

    evidence = collect(directory)

    file = "assembly-Prod/ProdOrders.template.json"
    assert evidence.problems == (f"{file}: not judged: the templates of the stack set Everywhere",)
    assert (open_results(evidence), exit_status(evidence)) == ([], 1)


def test_stacks_are_what_the_assembly_says(two_tables: Path) -> None:
    evidence = collect(two_tables, today=TODAY)

    environment = {"account": "111122223333", "region": "eu-central-1"}
    prod = "assembly-Prod/ProdOrders.template.json"
    assert evidence.stacks == (
        StackFacts(
            name="Orders",
            template="Orders.template.json",
            resources=1,
            sha256=digest(two_tables / "Orders.template.json"),
            **environment,
        ),
        StackFacts(name="Prod/Orders", template=prod, resources=2, sha256=digest(two_tables / prod), **environment),
    )
    assert (evidence.title, evidence.judged_on) == ("Orders, Prod/Orders", TODAY)


def test_title_names_three_stacks_and_counts_the_others(tmp_path: Path) -> None:
    directory = assembly(tmp_path, {name: {"Key": KEY} for name in "ABCDE"})

    assert collect(directory).title == "A, B, C and 2 more"


def test_nested_stack_is_a_stack_of_its_own(tmp_path: Path) -> None:
    hashed = "a" * 64
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"https://example.com/{hashed}.json"}}
    directory = assembly(tmp_path, {"Data": {"Nested": nested}})
    content = {"Resources": {"Table": BARE}}
    (directory / "Nested.template.json").write_text(json.dumps(content), encoding="utf-8")
    assets = {"files": {hashed: {"source": {"path": "Nested.template.json"}}}}
    (directory / "Data.assets.json").write_text(json.dumps(assets), encoding="utf-8")
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    manifest["artifacts"]["Data"]["metadata"] = {
        "/Data/Inner.NestedStack/Inner.NestedStackResource": [{"type": "aws:cdk:logicalId", "data": "Nested"}],
        "/Data/Inner": [{"type": "aws:cdk:templateFile", "data": "Nested.template.json"}],
        "/Data/Inner/Table/Resource": [{"type": "aws:cdk:logicalId", "data": "Table"}],
    }
    (directory / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    validation_report(directory, plugin(violation("R1", "Data/Inner/Table/Resource"), violation("R2", "Data/Inner/X")))

    evidence = collect(directory)

    assert [(stack.name, stack.template) for stack in evidence.stacks] == [
        ("Data", "Data.template.json"),
        ("Data/Inner", "Nested.template.json"),
    ]
    (table,) = evidence.tables
    assert (table.id, table.stack, table.template) == (
        "Data/Inner/Table/Resource",
        "Data/Inner",
        "Nested.template.json",
    )
    places = {(result.stack, result.template) for result in evidence.results}
    assert places == {("Data/Inner", "Nested.template.json")}
    assert {"R1", "R2", PROTECTION} <= {result.rule for result in evidence.results}


def test_template_without_paths_is_judged_and_its_tables_have_an_id(tmp_path: Path) -> None:
    directory = assembly(tmp_path, {"Orders": {"Table": BARE}})
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    del manifest["artifacts"]["Orders"]["metadata"]
    (directory / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    evidence = collect(directory)

    assert [table.id for table in evidence.tables] == ["Orders.template.json/Table"]
    (result,) = of_rule(evidence.results, PROTECTION)
    assert (result.construct, result.tables) == ("", ("Orders.template.json/Table",))


def plugin_that_saw(*around: Acknowledged) -> dict[str, Any]:
    return plugin(pluginName="SecureDdb", metadata=seen_by_plugin(around, stacks=9))


@pytest.mark.parametrize("place", ["", "Prod"])
def test_what_was_acknowledged_on_the_app_or_a_stage_is_known_from_the_plugin(tmp_path: Path, place: str) -> None:
    directory = assembly(tmp_path, {"Prod/Orders": {"Table": BARE}})
    known = Acknowledged(construct=place, id=f"SecureDdb::{PROTECTION}", reason=WAIVER)
    needless = Acknowledged(construct=place, id="SecureDdb::SecureDdb-NO1", reason="because")
    validation_report(directory, plugin_that_saw(known, needless))

    evidence = collect(directory, today=TODAY)

    (waived,) = of_rule(evidence.results, PROTECTION)
    assert waived.waived_by == WaivedBy(reason="a trial", approved_by="SEC-1", expires=TODAY, construct=place)
    (superfluous,) = of_rule(evidence.results, "SecureDdb-WAIVER2")
    assert (superfluous.construct, superfluous.status) == (place, Status.NOT_MET)
    (ended,) = of_rule(collect(directory, today=LATER).results, PROTECTION)
    assert ended.status is Status.NOT_MET


def test_template_that_is_no_json_is_refused(two_tables: Path) -> None:
    (two_tables / "Orders.template.json").write_text("{", encoding="utf-8")

    with pytest.raises(AssemblyError, match="is no JSON"):
        collect(two_tables)


def test_open_are_findings_and_nothing_else(two_tables: Path) -> None:
    evidence = collect(two_tables)

    assert open_results(evidence)
    assert {result.status for result in open_results(evidence)} == {Status.NOT_MET}
    assert {result.status for result in evidence.results} > {Status.NOT_MET}
    assert exit_status(evidence) == 1


EVIDENCE = {
    "settings": {"backup.vault": "an existing vault"},
    "claims": {"audit.reads": "a trail (stated by X)"},
    "not_verifiable": ["its key"],
    "waivers": {"Audit trail (AUD-1)": {"reason": "a trial", "approved_by": "SEC-1", "expires": "2030-06-30"}},
}


@pytest.mark.usefixtures("_made_in_app_py")
def test_table_says_what_its_template_says(tmp_path: Path) -> None:
    table = table_with("restricted", Metadata={METADATA_KEY: EVIDENCE})
    directory = assembly(tmp_path, {"Orders": {"Table": table, "Key": {**KEY, "Metadata": {METADATA_KEY: EVIDENCE}}}})

    (facts,) = collect(directory).tables

    assert (facts.id, facts.name, facts.stack, facts.template) == (
        "Orders/Table",
        "Table",
        "Orders",
        "Orders.template.json",
    )
    assert (facts.resource_type, facts.classification) == ("AWS::DynamoDB::GlobalTable", "restricted")
    assert (facts.regions, facts.made_by_secure_table) == (("eu-central-1",), True)
    assert facts.waivers == {
        "Audit trail (AUD-1)": WaivedBy(reason="a trial", approved_by="SEC-1", expires=date(2030, 6, 30))
    }
    assert (facts.settings, facts.claims) == (EVIDENCE["settings"], EVIDENCE["claims"])
    assert (facts.not_verifiable, facts.ephemeral) == (("its key",), "")
    assert facts.location == Location(file="app.py", line=7)


@pytest.mark.parametrize(("classification", "expected"), [("internal", "a test"), ("restricted", "")])
def test_table_is_ephemeral_only_if_its_data_lets_it(tmp_path: Path, classification: str, expected: str) -> None:
    table = table_with(classification, Metadata={METADATA_KEY: {"ephemeral": "a test"}})

    (facts,) = collect(assembly(tmp_path, {"Orders": {"Table": table}})).tables

    assert facts.ephemeral == expected


@pytest.mark.parametrize("kind", [BARE, table_with()])
def test_table_without_the_tag_has_an_unknown_classification(tmp_path: Path, kind: dict[str, Any]) -> None:
    (facts,) = collect(assembly(tmp_path, {"Orders": {"Table": kind}})).tables

    assert (facts.classification, facts.made_by_secure_table, facts.not_verifiable) == ("unknown", False, ())


def test_app_without_resources_can_be_read(tmp_path: Path) -> None:
    evidence = collect(assembly(tmp_path, {"Empty": {}}))

    assert ([stack.resources for stack in evidence.stacks], evidence.tables, evidence.results) == ([0], (), ())
