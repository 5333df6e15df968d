"""Whose key material a key has, and how it rotates if AWS KMS does not do it (CS-1, CS-9)."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from secure_ddb.table_evidence import KEY_MATERIAL, METADATA_KEY
from tests.rules.cases.making import ELSEWHERE, KEY, TABLE
from tests.rules.handwritten import changed, judgements

ROTATION, MATERIAL = "SecureDdb-ENC2", "SecureDdb-ENC14"
ORIGIN = f"{KEY}/Origin"
CLAIM = ("Table/Metadata", {METADATA_KEY: {"claims": {KEY_MATERIAL: "accepted (stated by SEC-150)"}}})


def said(rule: str, *changes: tuple[str, Any]) -> tuple[Verdict, str]:
    (found,) = judgements(changed(*changes), rule)
    return found.verdict, found.detail


@pytest.mark.parametrize("origin", ["EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"])
def test_rotation_that_aws_kms_does_not_do_is_manual(origin: str) -> None:
    verdict, detail = said(ROTATION, (ORIGIN, origin))
    assert verdict is Verdict.MANUAL
    assert origin in detail
    assert "every year" in detail


@pytest.mark.parametrize("origin", ["EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"])
def test_material_of_another_origin_is_the_company_s_own(origin: str) -> None:
    assert said(MATERIAL, (ORIGIN, origin)) == (Verdict.MET, f"Origin is {origin}")


def test_origin_that_aws_kms_does_not_have_is_a_finding() -> None:
    assert said(MATERIAL, (ORIGIN, "NONSENSE")) == (Verdict.NOT_MET, "Origin is NONSENSE")


def test_origin_that_only_the_deployment_knows_is_not_verifiable() -> None:
    assert said(MATERIAL, (ORIGIN, {"Ref": "Parameter"}))[0] is Verdict.NOT_VERIFIABLE


@pytest.mark.parametrize("changes", [(), ((ORIGIN, "AWS_KMS"),)])
def test_material_generated_by_aws_is_for_a_person_to_accept(changes: tuple[tuple[str, Any], ...]) -> None:
    verdict, detail = said(MATERIAL, *changes)
    assert verdict is Verdict.MANUAL
    assert "claimed" not in detail


def test_acceptance_that_is_stated_is_a_claim_and_not_met() -> None:
    verdict, detail = said(MATERIAL, CLAIM)
    assert verdict is Verdict.MANUAL
    assert detail.endswith("; claimed, not verified: accepted (stated by SEC-150)")


def test_claim_is_named_with_a_key_that_cannot_be_seen() -> None:
    verdict, detail = said(MATERIAL, CLAIM, (f"{TABLE}/SSESpecification/KMSMasterKeyId", ELSEWHERE))
    assert verdict is Verdict.NOT_VERIFIABLE
    assert detail.endswith("; claimed, not verified: accepted (stated by SEC-150)")


def test_claim_of_one_table_is_none_of_another_with_the_same_key() -> None:
    content = changed(CLAIM)
    content["Resources"]["Second"] = changed()["Resources"]["Table"]
    (found,) = judgements(content, MATERIAL)
    assert len(found.tables) == 2
    assert "claimed" not in found.detail
