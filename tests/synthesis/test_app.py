"""The apps that are checked, checked: the only tests that run with CDK's own validation on."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from secure_ddb.cli.main import main
from secure_ddb.evidence.write import WRITERS

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[2]
PACKS = {"AwsSolutions", "HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321", "Serverless"}
CDK_VALIDATION = "CloudFormation Validate"
STACKS = {"Minimal": 1, "SharedNetwork": 3, "BringYourOwn": 1}
SHORTEST_REASON = 40

# Each function fills an app. What they find is printed as JSON, because one process is faster than four.
PLANTED = """
import contextlib, io, json, os
from datetime import date

from aws_cdk import Acknowledgment, Annotations, CfnResource, Environment, Stack, Validations
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_kms import Key
from aws_cdk.aws_sns import Topic

from secure_ddb import AuditSettings, Ownership, SecureTable, TableTrail, Waiver
from secure_ddb.synthesis import checked_app, synthesize

NOT_ENCRYPTED = [
    f"{pack}::{pack}-SNSEncryptedKMS" for pack in ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
]


def unencrypted_topic(stack):
    Topic(stack, "Planted")


def waived_topic(stack):
    waiver = Waiver(reason="carries no data", approved_by="SEC-7", expires=date(2099, 12, 31))
    waiver.acknowledge(Topic(stack, "Planted").node.default_child, "AwsSolutions::AwsSolutions-SNS3", *NOT_ENCRYPTED)


def left_over(stack):
    key = Key(stack, "Planted", enable_key_rotation=True)
    waiver = Waiver(reason="carries no data", approved_by="SEC-7", expires=date(2099, 12, 31))
    waiver.acknowledge(key.node.default_child, "AwsSolutions::AwsSolutions-KMS5")


def run_out(stack):
    topic = Topic(stack, "Planted", enforce_ssl=True).node.default_child
    reason = "carries no data (approved by SEC-7, expires 2020-12-31)"
    Validations.of(topic).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule in NOT_ENCRYPTED))


def wrong_type(stack):
    CfnResource(stack, "Planted", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": {"not": "text"}})


def annotated(stack):
    CfnResource(stack, "Planted", type="AWS::CloudFormation::WaitConditionHandle")
    Annotations.of(stack).add_error("planted by hand")


def own_trail(stack):
    SecureTable(
        stack,
        "Orders",
        partition_key=Attribute(name="pk", type=AttributeType.STRING),
        ownership=Ownership(owner="a@example.com", cost_center="CC-1", application="orders", environment="prod"),
        audit=AuditSettings(reads=TableTrail()),
    )


def nothing_acknowledged(stack):
    Validations.acknowledge = lambda *_: None
    own_trail(stack)


found = {}
for fill in (
    unencrypted_topic, waived_topic, left_over, run_out, wrong_type, annotated, own_trail, nothing_acknowledged
):
    os.environ["CDK_OUTDIR"] = fill.__name__
    app = checked_app()
    fill(Stack(app, "Minimal", env=Environment(account="111122223333", region="eu-central-1")))
    with contextlib.redirect_stdout(io.StringIO()) as summary:
        status = synthesize(app)
    found[fill.__name__] = {"status": status, "summary": summary.getvalue()}
print(json.dumps(found))
raise SystemExit(status)
"""


@dataclass(frozen=True)
class Run:
    """What became of a process that synthesized an app."""

    status: int
    output: str
    errors: str
    directory: Path

    def plugins(self, app: str = "") -> list[dict[str, Any]]:
        """Return what the checks found, by CDK's own account."""
        file = self.directory / app / "validation-report.json"
        plugins: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["pluginReports"]
        return plugins

    def violations(self, *, information: bool) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield plugin and violation of what was found, or of what is only information."""
        for plugin in self.plugins():
            for violation in plugin["violations"]:
                if (violation["severity"] == "info") is information:
                    yield plugin["pluginName"], violation

    def waived(self, app: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield plugin, violation and construct of each finding that was acknowledged."""
        for plugin in self.plugins(app):
            for violation in plugin.get("suppressedViolations", ()):
                for construct in violation["violatingConstructs"]:
                    yield plugin["pluginName"], violation, construct["constructPath"]


def run(script: Path, working_directory: Path, output: Path) -> Run:
    # Only what Python and Node need, so that no setting of whoever runs the tests decides what is checked.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    completed = subprocess.run(
        [sys.executable, str(script)],
        cwd=working_directory,
        env={**kept, "PYTHONPATH": str(CHECKOUT), "CDK_OUTDIR": str(output), "COLUMNS": "400", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    return Run(completed.returncode, completed.stdout, completed.stderr, output)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the reference app where its cdk.json is."""
    return run(CHECKOUT / "app.py", CHECKOUT, tmp_path_factory.mktemp("reference") / "cdk.out")


@pytest.fixture(scope="module")
def planted_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run apps that have something to find, where there is no cdk.json."""
    folder = tmp_path_factory.mktemp("planted")
    script = folder / "planted.py"
    script.write_text(PLANTED, encoding="utf-8")
    return run(script, folder, folder)


@pytest.fixture(scope="module")
def planted(planted_run: Run) -> dict[str, dict[str, Any]]:
    """Return exit status and summary of each app that has something to find."""
    assert planted_run.output, planted_run.errors
    found: dict[str, dict[str, Any]] = json.loads(planted_run.output)
    return found


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
    assert {violation["ruleMetadata"]["verdict"] for _, violation in found} == {"not verifiable"}
    stacks: defaultdict[bool, set[str]] = defaultdict(set)
    for _, violation in found:
        about_reads = violation["ruleName"] == "SecureDdb-AUD16"
        stacks[about_reads] |= {each["constructPath"].split("/")[0] for each in violation["violatingConstructs"]}
    # Nobody said whether a trail of the organization records who reads.
    assert stacks == {False: {"BringYourOwn"}, True: {"BringYourOwn", "Minimal", "SharedNetwork"}}
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


def test_finding_fails_the_synth_and_is_printed(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["unencrypted_topic"]
    assert run["status"] == 1
    assert "finding: AwsSolutions-SNS3 on Minimal/Planted/Resource" in run["summary"]
    assert "5 findings to fix or to waive, 0 waived" in run["summary"]


def test_finding_with_a_waiver_passes_and_the_waiver_is_printed(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["waived_topic"]
    assert run["status"] == 0, run["summary"]
    assert "no open findings, 5 waived" in run["summary"]
    assert "carries no data (approved by SEC-7, expires 2099-12-31)" in run["summary"]


def test_waiver_that_waives_nothing_fails_the_synth(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["left_over"]
    assert run["status"] == 1
    assert re.search(r"^1 findings? to fix or to waive, 0 waived, \d+ stacks?$", run["summary"], re.MULTILINE), run[
        "summary"
    ]
    assert "AwsSolutions::AwsSolutions-KMS5 is acknowledged, and there is no such finding" in run["summary"]


def test_waiver_that_has_run_out_fails_the_synth(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["run_out"]
    assert run["status"] == 1
    # Of each of four packs the finding, and its waiver.
    assert re.search(r"^8 findings to fix or to waive, 0 waived", run["summary"], re.MULTILINE), run["summary"]
    assert "PCI.DSS.321::PCI.DSS.321-SNSEncryptedKMS is acknowledged until 2020-12-31" in run["summary"]


def test_finding_of_cdk_s_own_validation_fails_the_synth(planted_run: Run, planted: dict[str, dict[str, Any]]) -> None:
    run = planted["wrong_type"]
    assert run["status"] == 1
    assert "finding: F3012 on Minimal/Planted" in run["summary"]
    assert "1 finding to fix or to waive" in run["summary"]
    # Whoever reads CDK's report instead of the summary finds an error as well, and no warning.
    (plugin,) = planted_run.plugins("wrong_type")
    assert (plugin["pluginName"], plugin["conclusion"]) == (CDK_VALIDATION, "failure")


def test_error_that_a_construct_annotates_fails_the_synth(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["annotated"]
    assert run["status"] == 1
    assert "planted by hand" in run["summary"]


def test_table_with_a_trail_of_its_own_has_no_open_finding(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["own_trail"]
    assert run["status"] == 0, run["summary"]
    assert "no open findings" in run["summary"]
    assert "setting: audit.reads: a trail of the table's own" in run["summary"]


def test_default_table_needs_no_acknowledgment_that_one_with_a_trail_does_not(reference: Run, planted_run: Run) -> None:
    by_default = set(acknowledged(reference))
    with_trail = set(acknowledged(planted_run, "own_trail"))
    assert by_default < with_trail
    assert {construct.split("/")[2] for _, construct in with_trail - by_default} == {"Trail", "TrailBucket"}


def acknowledged(run: Run, app: str = "") -> Iterator[tuple[str, str]]:
    """Yield rule and construct of each finding on the table of the stack Minimal that was acknowledged."""
    for _, violation, construct in run.waived(app):
        if construct.startswith("Minimal/Orders/"):
            yield violation["ruleName"], construct


def test_missing_acknowledgments_are_noticed_and_none_is_superfluous(planted_run: Run) -> None:
    expected = set(acknowledged(planted_run, "own_trail"))
    found = {
        (violation["ruleName"], construct["constructPath"])
        for plugin in planted_run.plugins("nothing_acknowledged")
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }
    assert found == expected
    assert planted_run.status == 1


def test_app_holds_no_logic() -> None:
    allowed = (ast.Module, ast.Import, ast.ImportFrom, ast.alias, ast.Assign, ast.Expr, ast.Raise)
    parts = (ast.Call, ast.keyword, ast.Name, ast.Constant, ast.expr_context)
    program = ast.parse((CHECKOUT / "app.py").read_text(encoding="utf-8"))
    assert {type(node).__name__ for node in ast.walk(program) if not isinstance(node, allowed + parts)} == set()
