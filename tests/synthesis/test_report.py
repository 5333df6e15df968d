"""What a synth found is read from its report: every finding has its stack, and none gets lost."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from secure_ddb.synthesis.report import (
    REPORT_FILE,
    Finding,
    Report,
    StackReport,
    TableFacts,
    assign_findings,
    read_report,
    stack_report,
)
from secure_ddb.table_evidence import METADATA_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from aws_cdk.cx_api import CloudAssembly

EVIDENCE = {
    "settings": {"backup.vault": "an existing vault"},
    "claims": {"audit.reads": "a trail (stated by X)"},
    "not_verifiable": ["its key"],
}


def violation(rule: str, *paths: str, **values: object) -> dict[str, Any]:
    constructs = [{"constructPath": path} for path in paths]
    return {"ruleName": rule, "description": f"{rule} wants more", "violatingConstructs": constructs, **values}


def plugin(
    *violations: dict[str, Any], suppressed: tuple[dict[str, Any], ...] = (), **values: object
) -> dict[str, Any]:
    conclusion = "failure" if violations else "success"
    report = {"pluginName": "Pack", "conclusion": conclusion, "violations": list(violations)}
    return {**report, **({"suppressedViolations": list(suppressed)} if suppressed else {}), **values}


@pytest.fixture
def stacks(tmp_path: Path) -> dict[str, StackReport]:
    """Empty stacks whose paths begin alike; a stack within `Orders`, and stages, among them."""
    paths = ("Orders", "OrdersOther", "Orders/Inner", "Prod/Orders", "Prod/Orders/Inner", "Test/Orders")
    return {path: StackReport(path=path, template_file=tmp_path / "t.json", resources=0, tables=()) for path in paths}


def found(stacks: dict[str, StackReport]) -> dict[str, list[str]]:
    return {path: [finding.rule for finding in stack.findings] for path, stack in stacks.items() if stack.findings}


def template_with(tags: list[dict[str, str]], **resource: object) -> dict[str, Any]:
    properties = {"Replicas": [{"Region": "eu-central-1", "Tags": tags}]}
    table = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties, **resource}
    return {"Resources": {"OrdersTable": table, "Key": {"Type": "AWS::KMS::Key", "Metadata": {METADATA_KEY: EVIDENCE}}}}


@pytest.mark.parametrize("longest_first", [True, False])
@pytest.mark.parametrize(
    ("construct", "stack"),
    [
        ("Orders", "Orders"),
        ("Orders/Table", "Orders"),
        ("OrdersOther", "OrdersOther"),
        ("OrdersOther/Table", "OrdersOther"),
        ("Orders/InnerMost", "Orders"),
        ("Orders/Inner/Table", "Orders/Inner"),
        ("Prod/Orders/Table", "Prod/Orders"),
        ("Prod/Orders/Inner/Table", "Prod/Orders/Inner"),
        ("Test/Orders/Table", "Test/Orders"),
    ],
)
def test_finding_goes_to_the_nearest_stack_around_its_construct(
    stacks: dict[str, StackReport], construct: str, stack: str, *, longest_first: bool
) -> None:
    ordered = sorted(stacks.values(), key=lambda report: len(report.path), reverse=longest_first)

    assert assign_findings(ordered, [plugin(violation("R1", construct))]) == []

    assert found(stacks) == {stack: ["R1"]}


def test_finding_says_rule_construct_and_description(stacks: dict[str, StackReport]) -> None:
    assign_findings(list(stacks.values()), [plugin(violation("R1", "Orders/Table"))])

    assert stacks["Orders"].findings == [Finding(rule="R1", construct="Orders/Table", description="R1 wants more")]


def test_rule_broken_by_several_constructs_is_a_finding_on_each(stacks: dict[str, StackReport]) -> None:
    assign_findings(list(stacks.values()), [plugin(violation("R1", "Orders/A", "Orders/B", "OrdersOther/A"))])

    assert found(stacks) == {"Orders": ["R1", "R1"], "OrdersOther": ["R1"]}
    assert [finding.construct for finding in stacks["Orders"].findings] == ["Orders/A", "Orders/B"]


def test_findings_of_all_plugins_are_kept(stacks: dict[str, StackReport]) -> None:
    assign_findings(
        list(stacks.values()), [plugin(violation("R1", "Orders/A")), plugin(), plugin(violation("R2", "Orders/A"))]
    )

    assert found(stacks) == {"Orders": ["R1", "R2"]}


@pytest.mark.parametrize("severity", ["warning", "info", "fatal", "custom"])
def test_severity_makes_no_difference(stacks: dict[str, StackReport], severity: str) -> None:
    # CDK lets a plugin conclude with success when it has nothing worse than warnings.
    assign_findings(
        list(stacks.values()), [plugin(violation("R1", "Orders/Table", severity=severity), conclusion="success")]
    )

    assert found(stacks) == {"Orders": ["R1"]}


def test_waived_finding_is_kept_with_its_reason_and_is_no_open_one(stacks: dict[str, StackReport]) -> None:
    waived = violation("R1", "Orders/Table", reason="because")

    assert assign_findings(list(stacks.values()), [plugin(suppressed=(waived,))]) == []

    assert found(stacks) == {}
    assert stacks["Orders"].waived == [
        Finding(rule="R1", construct="Orders/Table", description="R1 wants more", reason="because")
    ]


@pytest.mark.parametrize("reason", [{}, {"reason": ""}])
def test_waiver_without_a_reason_waives_nothing(stacks: dict[str, StackReport], reason: dict[str, str]) -> None:
    assign_findings(list(stacks.values()), [plugin(suppressed=(violation("R1", "Orders/Table", **reason),))])

    assert found(stacks) == {"Orders": ["R1"]}
    assert stacks["Orders"].waived == []


def test_finding_without_construct_path_names_the_template_s_resource(stacks: dict[str, StackReport]) -> None:
    construct = {"cloudFormationResource": {"templatePath": "Orders.template.json", "logicalId": "Key"}}

    template = stacks["Orders"].template_file.name
    construct["cloudFormationResource"]["templatePath"] = f"assembly/{template}"

    assert assign_findings(list(stacks.values()), [plugin(violation("R1", violatingConstructs=[construct]))]) == []

    (finding,) = stacks["Orders"].findings
    assert (finding.rule, finding.construct) == ("R1", f"assembly/{template}/Key")


def test_finding_on_nothing_at_all_is_kept(stacks: dict[str, StackReport]) -> None:
    (finding,) = assign_findings(list(stacks.values()), [plugin(violation("R1", violatingConstructs=[{}]))])

    assert (finding.rule, finding.construct) == ("R1", "")


def test_finding_outside_of_every_stack_is_kept(stacks: dict[str, StackReport]) -> None:
    (finding,) = assign_findings(list(stacks.values()), [plugin(violation("R1", "Elsewhere/Table"))])

    assert (finding.rule, finding.construct) == ("R1", "Elsewhere/Table")


def test_plugin_that_failed_without_violations_is_a_finding(stacks: dict[str, StackReport]) -> None:
    (finding,) = assign_findings(list(stacks.values()), [plugin(conclusion="failure", pluginName="Broken pack")])

    assert finding.rule == "Broken pack"
    assert not finding.reason


def test_plugin_that_failed_is_a_finding_although_it_has_waived_ones(stacks: dict[str, StackReport]) -> None:
    waived = violation("R1", "Orders/Table", reason="because")

    (finding,) = assign_findings(list(stacks.values()), [plugin(suppressed=(waived,), conclusion="failure")])

    assert finding.rule == "Pack"


def test_plugin_that_failed_with_violations_is_no_further_finding(stacks: dict[str, StackReport]) -> None:
    assert assign_findings(list(stacks.values()), [plugin(violation("R1", "Orders/Table"))]) == []


def test_open_findings_are_those_of_all_stacks_and_of_none(tmp_path: Path, stacks: dict[str, StackReport]) -> None:
    plugins = [
        plugin(violation("R1", "Orders/A")),
        plugin(violation("R2", "Prod/Orders/A"), suppressed=(violation("R3", "Orders/A", reason="because"),)),
        plugin(conclusion="failure", pluginName="Broken pack"),
    ]
    elsewhere = assign_findings(list(stacks.values()), plugins)

    report = Report(directory=tmp_path, stacks=list(stacks.values()), elsewhere=elsewhere)

    assert [finding.rule for finding in report.findings] == ["R1", "R2", "Broken pack"]


def test_table_s_classification_and_evidence_come_from_its_template(tmp_path: Path) -> None:
    file = tmp_path / "Orders.template.json"
    tags = [{"Key": "Owner", "Value": "a@example.com"}, {"Key": "DataClassification", "Value": "restricted"}]
    file.write_text(json.dumps(template_with(tags, Metadata={METADATA_KEY: EVIDENCE})), encoding="utf-8")

    report = stack_report("Orders", file)

    assert report.tables == [TableFacts(name="OrdersTable", classification="restricted", evidence=EVIDENCE)]
    assert report.resources == 2
    assert (report.path, report.template_file) == ("Orders", file)


def test_classification_of_a_table_without_the_tag_is_unknown(tmp_path: Path) -> None:
    file = tmp_path / "Orders.template.json"
    file.write_text(json.dumps(template_with([{"Key": "Owner", "Value": "restricted"}])), encoding="utf-8")

    assert stack_report("Orders", file).tables == [
        TableFacts(name="OrdersTable", classification="unknown", evidence={})
    ]


def test_template_without_resources_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "Empty.template.json"
    file.write_text("{}", encoding="utf-8")

    report = stack_report("Empty", file)

    assert (report.resources, report.tables) == (0, [])


def test_missing_report_is_a_finding(tmp_path: Path) -> None:
    assembly = SimpleNamespace(directory=str(tmp_path), stacks_recursively=[])

    (finding,) = read_report(cast("CloudAssembly", assembly)).findings

    assert finding.description == "No check ran: CDK wrote no report"


def test_validation_that_was_switched_off_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / REPORT_FILE).write_text(json.dumps({"pluginReports": []}), encoding="utf-8")
    assembly = SimpleNamespace(directory=str(tmp_path), stacks_recursively=[])

    monkeypatch.setenv("CDK_VALIDATION", "false")
    assert [finding.rule for finding in read_report(cast("CloudAssembly", assembly)).findings] == ["CDK_VALIDATION"]
    monkeypatch.delenv("CDK_VALIDATION")
    assert read_report(cast("CloudAssembly", assembly)).findings == []


def test_waived_finding_of_no_stack_is_kept(tmp_path: Path, stacks: dict[str, StackReport]) -> None:
    elsewhere = assign_findings(
        list(stacks.values()), [plugin(suppressed=(violation("R1", "Elsewhere", reason="because"),))]
    )

    report = Report(directory=tmp_path, stacks=list(stacks.values()), elsewhere=elsewhere)

    assert [finding.rule for finding in report.waived] == ["R1"]
    assert report.findings == []


def test_report_is_read_from_the_cloud_assembly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDK_VALIDATION", raising=False)
    artifacts = []
    for path, name in (("Orders", "Orders"), ("Prod/Orders", "ProdOrders")):
        file = tmp_path / f"{name}.template.json"
        file.write_text(json.dumps(template_with([])), encoding="utf-8")
        artifacts.append(SimpleNamespace(hierarchical_id=path, template_full_path=str(file)))
    plugins = [plugin(violation("R1", "Prod/Orders/A"), violation("R2", "Elsewhere"))]
    (tmp_path / REPORT_FILE).write_text(json.dumps({"pluginReports": plugins}), encoding="utf-8")
    assembly = SimpleNamespace(directory=str(tmp_path), stacks_recursively=artifacts)

    report = read_report(cast("CloudAssembly", assembly))

    assert report.directory == tmp_path
    assert {stack.path: len(stack.findings) for stack in report.stacks} == {"Orders": 0, "Prod/Orders": 1}
    assert [finding.rule for finding in report.elsewhere] == ["R2"]
    assert all(stack.resources == 2 for stack in report.stacks)
