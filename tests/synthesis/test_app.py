"""The reference app, checked; with CDK's own validation, like test_planted.py and no other test."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from secure_ddb.cli.main import main
from secure_ddb.evidence.write import WRITERS
from secure_ddb.judging.plugin_metadata import read_seen
from tests.synthesis.runs import CHECKOUT, Run, cli_environment, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACKS = {"AwsSolutions", "HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321", "Serverless"}
CONTEXT = json.loads((CHECKOUT / "cdk.json").read_text(encoding="utf-8"))["context"]
STACKS = {"Minimal": 1, "SharedNetwork": 3, "BringYourOwn": 1}
SHORTEST_REASON = 40
# In the terminal, for its five tables.
LONGEST_SUMMARY = 40
# 23 of each table, and 10 of an archive.
FINDINGS_BY_DESIGN = 125


@pytest.fixture(scope="module")
def reference(checked: Callable[[str], Run]) -> Run:
    """Run the reference app where its cdk.json is."""
    return checked("app.py")


@pytest.fixture(scope="module")
def under_cli(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the reference app as the CDK CLI does."""
    output = tmp_path_factory.mktemp("under_cli") / "cdk.out"
    return run(CHECKOUT / "app.py", CHECKOUT, output, **cli_environment(**CONTEXT))


def test_reference_app_has_no_open_finding(reference: Run) -> None:
    assert reference.status == 0, reference.output + reference.errors
    assert [(plugin, violation["ruleName"]) for plugin, violation in reference.violations(information=False)] == []
    assert {plugin["conclusion"] for plugin in reference.plugins()} == {"success"}
    assert reference.output.startswith("OK: no open findings in 5 tables; ")


def test_reference_app_says_nothing_beside_its_summary(reference: Run) -> None:
    # Such as jsii's banner about a Node line past its end of life, or CDK's about deprecations.
    assert reference.errors == ""
    assert len(reference.output.splitlines()) <= LONGEST_SUMMARY
    assert "Node" not in reference.output


ABOUT = {
    "SecureDdb-AUD16": "reads",
    "SecureDdb-DET11": "subscriptions",
    "SecureDdb-DET13": "rejected traffic",
}


def test_reference_app_says_what_cannot_be_verified(reference: Run) -> None:
    found = list(reference.violations(information=True))
    assert {plugin for plugin, _ in found} == {"SecureDdb"}
    assert {violation["ruleMetadata"]["verdict"] for _, violation in found} == {"not verifiable", "manual"}
    stacks: defaultdict[str, set[str]] = defaultdict(set)
    for _, violation in found:
        verdict = violation["ruleMetadata"]["verdict"]
        about = ABOUT.get(violation["ruleName"], verdict)
        stacks[about] |= {each["constructPath"].split("/")[0] for each in violation["violatingConstructs"]}
    assert stacks == {
        # No alarm looks back for a month, so nothing tells of a missing monthly backup of an internal table.
        "not verifiable": {"BringYourOwn", "SharedNetwork"},
        # Nobody said whether a trail of the organization records who reads.
        "reads": {"BringYourOwn", "Minimal", "SharedNetwork"},
        # Nor who subscribed to the alarms, and who looks at flow logs.
        "subscriptions": {"Minimal", "SharedNetwork"},
        "rejected traffic": {"BringYourOwn", "SharedNetwork"},
        # Nor whether key material that AWS KMS generated is accepted.
        "manual": {"Minimal", "SharedNetwork"},
    }
    assert "not verifiable: SecureDdb-ENC2[eu-central-1] on BringYourOwn/Invoices/Table/Resource" in details(reference)


def test_all_six_packs_ran(reference: Run) -> None:
    assert {plugin["pluginName"] for plugin in reference.plugins()} >= PACKS


def test_cdk_s_own_validation_was_on(reference: Run) -> None:
    # CDK names it only where it has something to say; test_planted.py shows that it does then.
    (metadata,) = (plugin["metadata"] for plugin in reference.plugins() if plugin["pluginName"] == "SecureDdb")
    assert read_seen(metadata).cdk_validation


def test_reference_app_writes_a_template_for_each_stack(reference: Run) -> None:
    tables = {}
    for file in reference.directory.glob("*.template.json"):
        resources = json.loads(file.read_text(encoding="utf-8"))["Resources"].values()
        kinds = [resource["Type"] for resource in resources]
        tables[file.name.removesuffix(".template.json")] = kinds.count("AWS::DynamoDB::GlobalTable")
    assert tables == STACKS


def details(run: Run) -> str:
    """Return what the summary leaves out."""
    result = CliRunner().invoke(main, ["report", "--details", str(run.directory)])
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize("stack", STACKS)
def test_details_name_each_stack(reference: Run, stack: str) -> None:
    assert re.search(
        rf"^{stack}: \d+ resources, 0 open findings, \d+ waived, \d+ accepted by design, {stack}",
        details(reference),
        re.MULTILINE,
    )


def test_whatever_the_tables_acknowledge_themselves_is_accepted_by_design(reference: Run) -> None:
    evidence = json.loads((reference.directory / "evidence.json").read_text(encoding="utf-8"))
    tables = tuple(table["id"].removesuffix("Table/Resource") for table in evidence["tables"])
    waived = [each for each in evidence["results"] if each["status"] == "waived"]
    by_design = [each for each in waived if each["by_design"]]
    assert by_design == [each for each in waived if each["construct"].startswith(tables)]
    assert len(by_design) == FINDINGS_BY_DESIGN
    assert f"{FINDINGS_BY_DESIGN} accepted by design" in reference.output
    # The reference network's are the example's own, and nobody has approved them.
    assert f"{len(waived) - FINDINGS_BY_DESIGN} findings: Zones have to be kept apart" in reference.output
    assert "(no approver recorded, no expiry)" in reference.output


def test_summary_says_which_checks_ran_without_findings(reference: Run) -> None:
    assert "; ran without findings: CloudFormation Validate" in reference.output
    assert "did not run" not in reference.output


def test_evidence_lies_beside_the_templates_and_says_what_the_report_says(reference: Run) -> None:
    evidence = json.loads((reference.directory / "evidence.json").read_text(encoding="utf-8"))
    assert {path.name for path in reference.directory.glob("evidence.*")} == WRITERS.keys()
    assert evidence["problems"] == []
    reported = {plugin["pluginName"] for plugin in reference.plugins()}
    assert {pack["name"] for pack in evidence["packs"] if pack["ran"]} == reported | {"CloudFormation Validate"}
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


def test_summary_is_the_same_under_the_cdk_cli_and_leaves_standard_output_to_it(reference: Run, under_cli: Run) -> None:
    assert (under_cli.status, under_cli.output) == (0, "")
    assert under_cli.errors == reference.output.replace(str(reference.directory), str(under_cli.directory))


def test_templates_are_the_same_under_the_cdk_cli(reference: Run, under_cli: Run) -> None:
    templates = {
        run.directory: {file.name: file.read_bytes() for file in run.directory.glob("*.template.json")}
        for run in (reference, under_cli)
    }
    assert len(templates[reference.directory]) == len(STACKS)
    assert templates[under_cli.directory] == templates[reference.directory]


def test_region_and_account_come_from_the_context(tmp_path: Path) -> None:
    environment = cli_environment(**CONTEXT, region="eu-west-1", account="111122223333")
    elsewhere = run(CHECKOUT / "app.py", CHECKOUT, tmp_path / "cdk.out", **environment, CDK_VALIDATION="false")
    assert elsewhere.errors.startswith("Incomplete: no open findings"), elsewhere.errors
    assert environments(elsewhere) == dict.fromkeys(STACKS, "aws://111122223333/eu-west-1")


def test_region_and_account_without_context(reference: Run, under_cli: Run) -> None:
    # The CDK CLI's own default, CDK_DEFAULT_REGION, is us-east-1 where nothing is configured.
    for each in (reference, under_cli):
        assert environments(each) == dict.fromkeys(STACKS, "aws://unknown-account/eu-central-1")


def environments(run: Run) -> dict[str, str]:
    artifacts = json.loads((run.directory / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    return {
        name: artifact["environment"]
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }


def test_findings_are_acknowledged_on_exactly_their_construct(reference: Run) -> None:
    acknowledged = {(violation["acknowledgedAt"], construct) for _, violation, construct in reference.waived()}
    assert len(acknowledged) >= 2 * sum(STACKS.values())
    # A managed policy of CDK has one resource in it.
    assert all(construct in (place, f"{place}/Resource") for place, construct in acknowledged)
    assert not {place for place, _ in acknowledged} & STACKS.keys()


def test_findings_are_acknowledged_by_pack_and_rule(reference: Run) -> None:
    rules = [
        (violation["acknowledgedId"], f"{plugin}::{violation['ruleName']}")
        for plugin, violation, _ in reference.waived()
    ]
    assert rules
    assert all(acknowledged == rule for acknowledged, rule in rules)


def test_every_reason_explains_itself(reference: Run) -> None:
    reasons = {violation["reason"] for _, violation, _ in reference.waived()}
    assert reasons
    assert [reason for reason in reasons if len(reason) <= SHORTEST_REASON] == []


def test_app_holds_no_logic() -> None:
    allowed = (ast.Module, ast.Import, ast.ImportFrom, ast.alias, ast.Assign, ast.Expr, ast.Raise)
    # A default for what the context lacks is no more than a setting.
    parts = (ast.Call, ast.keyword, ast.Name, ast.Attribute, ast.Constant, ast.expr_context, ast.BoolOp, ast.Or)
    program = ast.parse((CHECKOUT / "app.py").read_text(encoding="utf-8"))
    assert {type(node).__name__ for node in ast.walk(program) if not isinstance(node, allowed + parts)} == set()
