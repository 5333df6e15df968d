"""The reference app, checked; with CDK's own validation, like test_planted.py and no other test."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict

import pytest
from click.testing import CliRunner

from secure_ddb.cli.main import main
from secure_ddb.evidence.write import WRITERS
from tests.synthesis.runs import CDK_VALIDATION, CHECKOUT, Run, run

PACKS = {"AwsSolutions", "HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321", "Serverless"}
STACKS = {"Minimal": 1, "SharedNetwork": 3, "BringYourOwn": 1}
SHORTEST_REASON = 40


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the reference app where its cdk.json is."""
    return run(CHECKOUT / "app.py", CHECKOUT, tmp_path_factory.mktemp("reference") / "cdk.out")


def test_reference_app_has_no_open_finding(reference: Run) -> None:
    assert reference.status == 0, reference.output + reference.errors
    assert [(plugin, violation["ruleName"]) for plugin, violation in reference.violations(information=False)] == []
    assert {plugin["conclusion"] for plugin in reference.plugins()} == {"success"}
    assert re.search(r"^no open findings, \d+ waived, 3 stacks$", reference.output, re.MULTILINE)


def test_reference_app_says_nothing_beside_its_summary(reference: Run) -> None:
    # Such as jsii's banner about a Node line past its end of life, or CDK's about deprecations.
    assert reference.errors == ""
    assert reference.output.startswith("BringYourOwn ─")
    assert "Node" not in reference.output


def test_reference_app_says_what_cannot_be_verified(reference: Run) -> None:
    found = list(reference.violations(information=True))
    assert {plugin for plugin, _ in found} == {"SecureDdb"}
    assert {violation["ruleMetadata"]["verdict"] for _, violation in found} == {"not verifiable", "manual"}
    stacks: defaultdict[str, set[str]] = defaultdict(set)
    for _, violation in found:
        verdict = violation["ruleMetadata"]["verdict"]
        about = "reads" if violation["ruleName"] == "SecureDdb-AUD16" else verdict
        stacks[about] |= {each["constructPath"].split("/")[0] for each in violation["violatingConstructs"]}
    assert stacks == {
        "not verifiable": {"BringYourOwn"},
        # Nobody said whether a trail of the organization records who reads.
        "reads": {"BringYourOwn", "Minimal", "SharedNetwork"},
        # Nor whether key material that AWS KMS generated is accepted.
        "manual": {"Minimal", "SharedNetwork"},
    }
    assert "not verifiable: SecureDdb-ENC2[eu-central-1] on BringYourOwn/Invoices/Table/Resource" in reference.output


def test_all_six_packs_ran(reference: Run) -> None:
    assert {plugin["pluginName"] for plugin in reference.plugins()} >= PACKS


def test_cdk_s_own_validation_ran(reference: Run) -> None:
    # CDK reports a plugin only if it has something to say. Of the stacks' availability zones it always has, and
    # acknowledges it at once.
    (report,) = (plugin for plugin in reference.plugins() if plugin["pluginName"] == CDK_VALIDATION)
    assert {violation["ruleName"] for violation in report["suppressedViolations"]} == {"W3010"}


def test_reference_app_writes_a_template_for_each_stack(reference: Run) -> None:
    tables = {}
    for file in reference.directory.glob("*.template.json"):
        resources = json.loads(file.read_text(encoding="utf-8"))["Resources"].values()
        kinds = [resource["Type"] for resource in resources]
        tables[file.name.removesuffix(".template.json")] = kinds.count("AWS::DynamoDB::GlobalTable")
    assert tables == STACKS


@pytest.mark.parametrize("stack", STACKS)
def test_summary_names_each_stack(reference: Run, stack: str) -> None:
    assert re.search(rf"^{stack} ─+\n\d+ resources, 0 findings, \d+ waived, {stack}", reference.output, re.MULTILINE)


def test_summary_counts_the_same_waivers_as_the_report(reference: Run) -> None:
    assert f"no open findings, {len(list(reference.waived()))} waived" in reference.output


def test_evidence_lies_beside_the_templates_and_says_what_the_report_says(reference: Run) -> None:
    evidence = json.loads((reference.directory / "evidence.json").read_text(encoding="utf-8"))
    assert {path.name for path in reference.directory.glob("evidence.*")} == WRITERS.keys()
    assert evidence["problems"] == []
    assert {pack["name"] for pack in evidence["packs"]} == {plugin["pluginName"] for plugin in reference.plugins()}
    waived = sorted((pack, construct) for pack, _, construct in reference.waived())
    waived_in_evidence = [each for each in evidence["results"] if each["status"] == "waived"]
    assert sorted((each["pack"], each["construct"]) for each in waived_in_evidence) == waived
    (plugin,) = (plugin for plugin in reference.plugins() if plugin["pluginName"] == "SecureDdb")
    for verdict in ("met", "not met", "not verifiable", "waived"):
        ours = [each for each in evidence["results"] if (each["pack"], each["status"]) == ("SecureDdb", verdict)]
        assert len(ours) == int(plugin["metadata"][verdict])


def test_evidence_places_each_result(reference: Run) -> None:
    evidence = json.loads((reference.directory / "evidence.json").read_text(encoding="utf-8"))
    assert len(evidence["tables"]) == sum(STACKS.values())
    assert {each["stack"] for each in evidence["results"]} == STACKS.keys()
    assert [each for each in evidence["results"] if not (each["construct"] and each["logical_id"])] == []


def test_report_on_the_directory_says_the_same_as_the_synth(reference: Run) -> None:
    result = CliRunner().invoke(main, ["report", str(reference.directory)], env={"COLUMNS": "400"})
    assert result.exit_code == 0
    assert result.stdout == reference.output


def test_findings_are_acknowledged_on_exactly_their_construct(reference: Run) -> None:
    acknowledged = {
        (violation["acknowledgedAt"], construct)
        for plugin, violation, construct in reference.waived()
        if plugin != CDK_VALIDATION
    }
    assert len(acknowledged) >= 2 * sum(STACKS.values())
    assert all(place == construct for place, construct in acknowledged)
    assert not {place for place, _ in acknowledged} & STACKS.keys()


def test_findings_are_acknowledged_by_pack_and_rule(reference: Run) -> None:
    rules = [
        (violation["acknowledgedId"], f"{plugin}::{violation['ruleName']}")
        for plugin, violation, _ in reference.waived()
        if plugin != CDK_VALIDATION
    ]
    assert rules
    assert all(acknowledged == rule for acknowledged, rule in rules)


def test_only_cdk_s_own_acknowledgments_are_on_a_stack(reference: Run) -> None:
    on_stacks = {
        (plugin, violation["ruleName"])
        for plugin, violation, _ in reference.waived()
        if violation["acknowledgedAt"] in STACKS
    }
    assert on_stacks == {(CDK_VALIDATION, "W3010")}


def test_every_reason_explains_itself(reference: Run) -> None:
    reasons = {violation["reason"] for _, violation, _ in reference.waived()}
    assert reasons
    assert [reason for reason in reasons if len(reason) <= SHORTEST_REASON] == []


def test_app_holds_no_logic() -> None:
    allowed = (ast.Module, ast.Import, ast.ImportFrom, ast.alias, ast.Assign, ast.Expr, ast.Raise)
    parts = (ast.Call, ast.keyword, ast.Name, ast.Constant, ast.expr_context)
    program = ast.parse((CHECKOUT / "app.py").read_text(encoding="utf-8"))
    assert {type(node).__name__ for node in ast.walk(program) if not isinstance(node, allowed + parts)} == set()
