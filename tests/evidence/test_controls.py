"""A control is as its worst result is, and never met by silence or by a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.evidence.catalogue.load import Catalogue, Control
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.controls import status_of
from secure_ddb.evidence.model import Status
from secure_ddb.table_evidence import METADATA_KEY
from tests.evidence.written import BARE, KEY, assembly, plugin, table_with, validation_report, violation

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.evidence.model import ControlFacts, Evidence

NOT_MET, NOT_VERIFIABLE, WAIVED = Status.NOT_MET, Status.NOT_VERIFIABLE, Status.WAIVED
MANUAL, MET, NOT_APPLICABLE = Status.MANUAL, Status.MET, Status.NOT_APPLICABLE
PROTECTION, RECOVERY, READS = "SecureDdb-BAK3", "SecureDdb-BAK1", "SecureDdb-AUD16"


def control(**about: Any) -> Control:
    whole = {"id": "C-1", "title": "what it demands", "source": "https://example.com/C-1", "manual": ""}
    return Control(**{**whole, "rules": (), "cdk_nag": (), **about})


def catalogue(*controls: Control, **about: Any) -> Catalogue:
    whole = {"name": "A catalogue", "version": "", "source": "https://example.com", "controls": controls}
    return Catalogue(**{**whole, **about})


@pytest.mark.parametrize(
    ("statuses", "manual", "expected"),
    [
        ((NOT_MET, NOT_VERIFIABLE, WAIVED, MET), True, NOT_MET),
        ((NOT_VERIFIABLE, WAIVED, MET), True, NOT_VERIFIABLE),
        ((MET, WAIVED), True, WAIVED),
        ((WAIVED,), False, WAIVED),
        ((MET, MET), True, MANUAL),
        ((), True, MANUAL),
        ((MET, MET), False, MET),
        ((), False, NOT_APPLICABLE),
    ],
)
def test_control_is_as_its_worst_result(statuses: tuple[Status, ...], *, manual: bool, expected: Status) -> None:
    assert status_of(statuses, manual=manual) is expected
    assert status_of(statuses[::-1], manual=manual) is expected


def evidence_with(directory: Path, *controls: Control) -> Evidence:
    return collect(directory, catalogues=[catalogue(*controls)])


def standing(directory: Path, control: Control) -> ControlFacts:
    (facts,) = evidence_with(directory, control).controls
    return facts


@pytest.fixture
def protected(tmp_path: Path) -> Path:
    """An app with a table that is protected against deletion and has nothing else."""
    table = {**BARE, "Properties": {"DeletionProtectionEnabled": True}}
    directory = assembly(tmp_path, {"Orders": {"Table": table}})
    validation_report(directory, plugin(violation("AwsSolutions-IAM5[Resource::*]", "Orders/Table"), pluginName="P"))
    return directory


def test_control_says_what_its_catalogue_says(protected: Path) -> None:
    facts = standing(protected, control(rules=(PROTECTION,), cdk_nag=("AwsSolutions-DDB3",)))

    assert (facts.catalogue, facts.id, facts.title) == ("A catalogue", "C-1", "what it demands")
    assert (facts.rules, facts.source) == ((PROTECTION, "AwsSolutions-DDB3"), "https://example.com/C-1")


def test_catalogue_is_named_with_its_version(protected: Path) -> None:
    named = catalogue(control(), name="NIST SP 800-53", version="Rev. 5")

    (facts,) = collect(protected, catalogues=[named]).controls

    assert facts.catalogue == "NIST SP 800-53 Rev. 5"


def test_control_whose_rules_are_met_is_met_and_names_its_results(protected: Path) -> None:
    evidence = evidence_with(protected, control(rules=(PROTECTION,)))

    (facts,) = evidence.controls
    assert facts.status is MET
    assert {evidence.results[position].rule for position in facts.results} == {PROTECTION}


def test_one_rule_that_is_not_met_decides(protected: Path) -> None:
    assert standing(protected, control(rules=(PROTECTION, RECOVERY))).status is NOT_MET


def test_what_a_person_must_show_remains_when_the_rules_are_met(protected: Path) -> None:
    facts = standing(protected, control(rules=(PROTECTION,), manual="the drill's minutes"))

    assert (facts.status, facts.manual) == (MANUAL, "the drill's minutes")


def test_silence_of_cdk_nag_is_not_met(protected: Path) -> None:
    assert standing(protected, control(cdk_nag=("AwsSolutions-DDB3",))).status is NOT_APPLICABLE


def test_finding_of_cdk_nag_counts_whatever_key_it_has(protected: Path) -> None:
    assert standing(protected, control(rules=(PROTECTION,), cdk_nag=("AwsSolutions-IAM5",))).status is NOT_MET


def test_rule_that_matched_no_resource_is_not_applicable(tmp_path: Path) -> None:
    directory = assembly(tmp_path, {"Orders": {}})

    assert standing(directory, control(rules=(PROTECTION,))).status is NOT_APPLICABLE


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((), NOT_MET),
        (("AWS::SQS::Queue",), NOT_APPLICABLE),
        (("AWS::SQS::Queue", "AWS::KMS::Key"), MET),
        (("AWS::DynamoDB::Table",), NOT_MET),
    ],
)
def test_only_results_on_the_types_that_a_control_is_about_count(
    tmp_path: Path, types: tuple[str, ...], expected: Status
) -> None:
    tags = [{"Key": name, "Value": "a"} for name in ("Owner", "CostCenter", "Application", "Environment")]
    key = {**KEY, "Properties": {"Tags": [*tags, {"Key": "DataClassification", "Value": "internal"}]}}
    table = {**BARE, "Properties": {"SSESpecification": {"KMSMasterKeyId": {"Ref": "Key"}}}}
    evidence = evidence_with(
        assembly(tmp_path, {"Orders": {"Table": table, "Key": key}}),
        control(rules=("SecureDdb-OPS1",), resource_types=types),
    )

    (facts,) = evidence.controls
    assert facts.status is expected
    found = {evidence.results[position].resource_type for position in facts.results}
    assert found == ({"AWS::KMS::Key", "AWS::DynamoDB::Table"} & set(types) if types else {KEY["Type"], BARE["Type"]})


def test_finding_of_cdk_nag_counts_on_every_type(protected: Path) -> None:
    only_queues = control(rules=(PROTECTION,), cdk_nag=("AwsSolutions-IAM5",), resource_types=("AWS::SQS::Queue",))

    assert standing(protected, only_queues).status is NOT_MET


def test_claim_is_shown_with_the_controls_of_the_rule_that_could_not_verify_it(tmp_path: Path) -> None:
    claimed = table_with("internal", Metadata={METADATA_KEY: {"claims": {"audit.reads": "a trail (stated by X)"}}})
    directory = assembly(tmp_path, {"Orders": {"Table": claimed}})

    reads, other = evidence_with(directory, control(rules=(READS,)), control(id="C-2", rules=(PROTECTION,))).controls

    assert reads.claims == ("Orders/Table: audit.reads: a trail (stated by X)",)
    assert reads.status is NOT_VERIFIABLE
    assert other.claims == ()
