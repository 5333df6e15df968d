"""What other packs found is read from CDK's report: every finding has its place, and none gets lost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.evidence.collect import collect, exit_status, open_results
from secure_ddb.evidence.files import AssemblyError
from secure_ddb.evidence.model import PackFacts, Status, WaivedBy
from secure_ddb.evidence.validation import REPORT_FILE
from tests.evidence.written import BARE, KEY, assembly, plugin, validation_report, violation, write

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.evidence.model import Evidence, Result

# Stacks whose paths begin alike; a stack within `Orders`, and stages, among them.
STACKS = ("Orders", "OrdersOther", "Orders/Inner", "Prod/Orders", "Prod/Orders/Inner", "Test/Orders")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return assembly(tmp_path / "cdk.out", {path: {"Key": KEY} for path in STACKS})


def evidence_of(directory: Path, *plugins: dict[str, Any]) -> Evidence:
    validation_report(directory, *plugins)
    return collect(directory)


def found(directory: Path, *plugins: dict[str, Any]) -> list[Result]:
    return list(evidence_of(directory, *plugins).results)


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
        ("Prod", ""),
        ("", ""),
    ],
)
def test_finding_goes_to_the_nearest_stack_around_its_construct(directory: Path, construct: str, stack: str) -> None:
    (result,) = found(directory, plugin(violation("R1", construct)))

    assert (result.construct, result.stack) == (construct, stack)
    assert result.template.endswith(f"{stack.replace('/', '')}.template.json" if stack else "")


def test_finding_on_a_resource_says_all_about_it(directory: Path) -> None:
    resource = {"templatePath": "x", "logicalId": "y", "propertyPaths": ["Properties.A", "Properties.B"]}
    construct = {"constructPath": "Prod/Orders/Key", "cloudFormationResource": resource}

    (result,) = found(
        directory,
        plugin(
            violation("R1", severity="warning", suggestedFix="do this", violatingConstructs=[construct]),
            pluginName="CloudFormation Validate",
        ),
    )

    assert (result.pack, result.rule, result.status) == ("CloudFormation Validate", "R1", Status.NOT_MET)
    assert (result.title, result.severity, result.remedy) == ("R1 wants more", "warning", "do this")
    assert (result.stack, result.template) == ("Prod/Orders", "assembly-Prod/ProdOrders.template.json")
    assert (result.logical_id, result.resource_type) == ("Key", "AWS::KMS::Key")
    assert result.property_path == "Properties.A, Properties.B"


def test_finding_on_what_serves_a_table_names_the_table(tmp_path: Path) -> None:
    body = {"Table": {**BARE, "Properties": {"SSESpecification": {"KMSMasterKeyId": {"Ref": "Key"}}}}, "Key": KEY}
    directory = assembly(tmp_path, {"Orders": body})

    evidence = evidence_of(directory, plugin(violation("R1", "Orders/Key", "Orders/Table", "Orders/Other")))

    tables = {result.construct: result.tables for result in evidence.results if result.rule == "R1"}
    assert tables == {"Orders/Key": ("Orders/Table",), "Orders/Table": ("Orders/Table",), "Orders/Other": ()}


def test_one_of_several_findings_of_a_rule_is_told_by_its_key(directory: Path) -> None:
    (result,) = found(directory, plugin(violation("AwsSolutions-IAM5[Resource::arn:aws:s3:::a[0]*]", "Orders/Role")))

    assert (result.rule, result.key) == ("AwsSolutions-IAM5", "Resource::arn:aws:s3:::a[0]*")


def test_rule_broken_by_several_constructs_is_a_finding_on_each(directory: Path) -> None:
    results = found(directory, plugin(violation("R1", "Orders/A", "Orders/B", "OrdersOther/A")))

    assert [result.construct for result in results] == ["Orders/A", "Orders/B", "OrdersOther/A"]


def test_findings_of_all_packs_are_kept(directory: Path) -> None:
    results = found(directory, plugin(violation("R1", "Orders/A")), plugin(), plugin(violation("R2", "Orders/A")))

    assert [result.rule for result in results] == ["R1", "R2"]


@pytest.mark.parametrize("severity", ["warning", "info", "fatal", "custom"])
def test_severity_makes_no_difference(directory: Path, severity: str) -> None:
    # CDK lets a plugin conclude with success when it has nothing worse than warnings.
    (result,) = found(directory, plugin(violation("R1", "Orders/Table", severity=severity), conclusion="success"))

    assert (result.status, result.severity) == (Status.NOT_MET, severity)


def test_waived_finding_is_kept_with_its_reason_and_is_no_open_one(directory: Path) -> None:
    reason = "because (approved by SEC-1, expires 2030-06-30)"
    waived = violation("R1", "Orders/Table", reason=reason, acknowledgedAt="Orders")

    evidence = evidence_of(directory, plugin(suppressed=(waived,)))

    (result,) = evidence.results
    assert result.status is Status.WAIVED
    assert result.waived_by == WaivedBy(
        reason="because", approved_by="SEC-1", expires=date(2030, 6, 30), construct="Orders"
    )
    assert exit_status(evidence) == 0


@pytest.mark.parametrize("reason", [{}, {"reason": ""}])
def test_waiver_without_a_reason_waives_nothing(directory: Path, reason: dict[str, str]) -> None:
    evidence = evidence_of(directory, plugin(suppressed=(violation("R1", "Orders/Table", **reason),)))

    assert [result.rule for result in open_results(evidence)] == ["R1"]
    assert evidence.results[0].waived_by is None


def test_finding_without_a_construct_is_found_by_its_template(directory: Path) -> None:
    resource = {"templatePath": "assembly-Prod/ProdOrders.template.json", "logicalId": "Key"}

    (result,) = found(directory, plugin(violation("R1", violatingConstructs=[{"cloudFormationResource": resource}])))

    assert (result.stack, result.construct, result.resource_type) == ("Prod/Orders", "Prod/Orders/Key", "AWS::KMS::Key")


@pytest.mark.parametrize("constructs", [[{}], []])
def test_finding_on_nothing_at_all_is_kept(directory: Path, constructs: list[dict[str, str]]) -> None:
    (result,) = found(directory, plugin(violation("R1", violatingConstructs=constructs)))

    assert (result.rule, result.construct, result.stack) == ("R1", "", "")


def test_finding_of_another_app_is_kept_and_the_report_is_called_into_question(directory: Path) -> None:
    evidence = evidence_of(directory, plugin(violation("R1", "Elsewhere/Table", "OrdersOthers", "Prod", "Orders/A")))

    assert [result.construct for result in open_results(evidence)] == [
        "Orders/A",
        "Elsewhere/Table",
        "OrdersOthers",
        "Prod",
    ]
    assert evidence.problems == (
        f"{REPORT_FILE} may be of another synth: no stack here has Elsewhere/Table, OrdersOthers",
    )


def test_packs_that_ran_are_named_with_their_versions(directory: Path) -> None:
    evidence = evidence_of(
        directory,
        plugin(pluginName="CloudFormation Validate", pluginVersion="1.12.1"),
        plugin(violation("R1", "Orders/A"), pluginName="AwsSolutions"),
    )

    assert evidence.packs[1:] == (
        PackFacts(name="CloudFormation Validate", version="1.12.1"),
        PackFacts(name="AwsSolutions"),
    )
    assert evidence.packs[0].name == "SecureDdb"


def test_pack_that_broke_down_is_a_problem_and_is_not_taken_for_one_that_found_nothing(directory: Path) -> None:
    evidence = evidence_of(
        directory, plugin(conclusion="failure", pluginName="Broken", metadata={"error": "boom"}), plugin()
    )

    assert evidence.packs[1:] == (PackFacts(name="Broken", succeeded=False), PackFacts(name="Pack"))
    assert evidence.problems == ("Broken broke down, so its lack of findings means nothing: boom",)
    assert exit_status(evidence) == 1


def test_pack_that_broke_down_is_a_problem_although_it_has_waived_findings(directory: Path) -> None:
    waived = violation("R1", "Orders/Table", reason="because")

    evidence = evidence_of(directory, plugin(suppressed=(waived,), conclusion="failure"))

    assert evidence.problems == ("Pack broke down, so its lack of findings means nothing: CDK does not say why",)


def test_pack_that_failed_with_violations_is_no_problem(directory: Path) -> None:
    assert evidence_of(directory, plugin(violation("R1", "Orders/Table"))).problems == ()


def test_missing_report_is_a_problem_and_our_rules_judge_nevertheless(tmp_path: Path) -> None:
    evidence = collect(assembly(tmp_path, {"Orders": {"Table": BARE}}))

    assert evidence.problems == (
        f"no {REPORT_FILE}: neither cdk-nag nor CDK's own validation ran, so only the rules of SecureDdb are here",
    )
    assert [pack.name for pack in evidence.packs] == ["SecureDdb"]
    assert "SecureDdb-ENC1" in {result.rule for result in open_results(evidence)}


def test_missing_report_is_a_problem_of_an_app_without_findings(directory: Path) -> None:
    evidence = collect(directory)

    assert evidence.results == ()
    assert exit_status(evidence) == 1


def test_report_that_names_no_pack_is_a_problem_where_ours_would_be_named(tmp_path: Path) -> None:
    evidence = evidence_of(assembly(tmp_path, {"Orders": {"Table": BARE}}))

    (problem,) = evidence.problems
    assert problem.startswith(f"{REPORT_FILE} names no pack: neither cdk-nag nor CDK's own validation ran")


def test_report_that_names_no_pack_is_that_of_an_app_without_findings(directory: Path) -> None:
    # CDK leaves out packs that have nothing to say.
    evidence = evidence_of(directory)

    assert (evidence.problems, exit_status(evidence)) == ((), 0)


@pytest.mark.parametrize("content", [{}, {"pluginReports": None}, []])
def test_report_that_cannot_be_read_is_refused(directory: Path, content: object) -> None:
    write(directory, REPORT_FILE, content)

    with pytest.raises(AssemblyError, match=rf"{REPORT_FILE} cannot be read"):
        collect(directory)


def ours(**metadata: str) -> dict[str, Any]:
    return plugin(
        violation("SecureDdb-ENC1", "Orders/Table"),
        suppressed=(violation("SecureDdb-ENC2", "Orders/Table", reason="because"),),
        pluginName="SecureDdb",
        metadata={"met": "0", "not met": "0", "not verifiable": "0", "manual": "0", "waived": "0", **metadata},
    )


def test_what_our_own_plugin_found_is_not_counted_twice(directory: Path) -> None:
    evidence = evidence_of(directory, ours())

    assert evidence.results == ()
    assert [pack.name for pack in evidence.packs] == ["SecureDdb"]


def test_validation_that_was_switched_off_during_the_synth_is_a_problem(directory: Path) -> None:
    evidence = evidence_of(directory, ours(CDK_VALIDATION="false"))

    assert evidence.problems == ("CDK's own validation did not run: CDK_VALIDATION was false in the environment",)


def test_report_of_other_templates_is_told_by_how_much_our_plugin_said(directory: Path) -> None:
    stacks = str(len(STACKS))
    assert evidence_of(directory, ours(stacks=stacks)).problems == ()
    # A plugin that was added to a stage saw less.
    assert evidence_of(directory, ours(stacks="1", met="3")).problems == ()

    evidence = evidence_of(directory, ours(stacks=stacks, met="3", waived="1"))

    assert len(evidence.problems) == 1
    assert "SecureDdb said 4 things there and says 0 of the templates here" in evidence.problems[0]
