"""What this library accepts by design is told from what a person waived, and a pack that ran from one that did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import PackFacts, Status
from secure_ddb.judging.plugin_metadata import seen_by_plugin
from secure_ddb.waivers.accepted_findings import (
    ALL_OBJECTS,
    ARCHIVE_BUCKET,
    FAILURE_BUCKET,
    FUNCTION_FINDINGS,
    TRAIL_BUCKET,
    bucket_findings,
    is_accepted_by_design,
)
from tests.evidence.written import BARE, assembly, plugin, validation_report, violation, write

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.evidence.model import Evidence, Result

PACK, RULE = "Serverless", "Serverless-LambdaTracing"
REASON = FUNCTION_FINDINGS[f"{PACK}::{RULE}"]


def waived(folder: Path, *, rule: str = RULE, reason: str = REASON, at: str = "Orders/Orders/AuditFunction") -> Result:
    """Return the finding of a pack that was acknowledged somewhere in a stack with a SecureTable `Orders/Orders`."""
    table = {**BARE, "Metadata": {"SecureTable": {"settings": {"shared_resources": "Platform/Shared"}}}}
    directory = assembly(folder, {"Orders": {"OrdersTable": table}})
    metadata = {"/Orders/Orders/Table/Resource": [{"type": "aws:cdk:logicalId", "data": "OrdersTable"}]}
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111122223333/eu-central-1",
        "displayName": "Orders",
        "properties": {"templateFile": "Orders.template.json"},
        "metadata": metadata,
    }
    write(directory, "manifest.json", {"artifacts": {"Orders": artifact}})
    found = violation(rule, at, reason=reason, acknowledgedAt=at)
    validation_report(directory, plugin(suppressed=(found,), pluginName=PACK))
    (result,) = (each for each in collect(directory).results if each.pack == PACK)
    assert result.status is Status.WAIVED
    return result


def test_finding_that_the_library_answers_itself_is_accepted_by_design(tmp_path: Path) -> None:
    assert waived(tmp_path).by_design


def test_finding_on_what_tables_share_is_accepted_by_design(tmp_path: Path) -> None:
    assert waived(tmp_path, at="Platform/Shared/AuditFunction").by_design


@pytest.mark.parametrize(
    "said",
    [
        {"at": "Platform/SharedElsewhere/AuditFunction"},
        {"reason": "It is fine."},
        {"reason": f"{REASON} (approved by SEC-1, expires 2099-12-31)"},
        {"rule": "Serverless-LambdaMemory"},
        {"at": "Orders/Elsewhere/Function"},
        {"at": "Orders/OrdersOfOthers/AuditFunction"},
        {"at": ""},
    ],
    ids=[
        "beside what is shared",
        "another reason",
        "approved",
        "another rule",
        "another construct",
        "a longer name",
        "nowhere",
    ],
)
def test_whatever_a_person_acknowledged_is_not_by_design(tmp_path: Path, said: dict[str, str]) -> None:
    assert not waived(tmp_path, **said).by_design


@pytest.mark.parametrize("reasons", [FAILURE_BUCKET, ARCHIVE_BUCKET, TRAIL_BUCKET])
@pytest.mark.parametrize("ephemeral", ["", "integration tests", "The table is ephemeral: twice"])
def test_findings_on_buckets_are_by_design_whatever_makes_their_table_ephemeral(
    reasons: object, ephemeral: str
) -> None:
    findings = bucket_findings(reasons, ephemeral=ephemeral)  # type: ignore[arg-type]
    assert [rule for rule, reason in findings.items() if not is_accepted_by_design(rule, reason)] == []


def test_a_reason_counts_for_its_rules_only() -> None:
    assert is_accepted_by_design("AwsSolutions::AwsSolutions-IAM5", ALL_OBJECTS)
    assert not is_accepted_by_design("AwsSolutions::AwsSolutions-S1", ALL_OBJECTS)
    assert not is_accepted_by_design("AwsSolutions::AwsSolutions-S1", "")


def evidence_of(folder: Path, *reports: dict[str, object], alongside: tuple[str, ...] = (), **seen: str) -> Evidence:
    directory = assembly(folder, {"Orders": {"Table": BARE}})
    metadata = {**seen_by_plugin((), stacks=2, alongside=alongside), **seen}
    ours = plugin(violation("SecureDdb-ENC1", "Orders/Table"), pluginName="SecureDdb", metadata=metadata)
    validation_report(directory, ours, *reports)
    return collect(directory)


@pytest.fixture(autouse=True)
def with_cdk_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDK_VALIDATION", raising=False)


def test_pack_that_ran_without_findings_is_named_although_the_report_leaves_it_out(tmp_path: Path) -> None:
    found = plugin(violation("R1", "Orders/Table"), pluginName="AwsSolutions")

    evidence = evidence_of(tmp_path, found, alongside=("AwsSolutions", "Serverless"))

    assert evidence.packs[1:] == (PackFacts(name="AwsSolutions"), PackFacts(name="Serverless"))


def test_validation_that_was_switched_off_did_not_run(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, alongside=("CloudFormation Validate",), CDK_VALIDATION="false")

    assert evidence.packs[1:] == (PackFacts(name="CloudFormation Validate", succeeded=False, ran=False),)


def test_our_rules_with_nothing_to_check_are_named(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path)

    checked = {result.rule for result in evidence.results if result.pack == "SecureDdb"}
    ours = evidence.packs[0]
    assert "SecureDdb-OPS2" in ours.not_applicable
    assert not checked & set(ours.not_applicable)
    assert ours.rules > len(ours.not_applicable) > 0
