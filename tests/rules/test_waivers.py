"""Waivers are honoured for exactly what they name, and only as long as they hold."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.judging.judge import Judged, judge
from secure_ddb.landscape.assembly import Acknowledged, Assembly
from secure_ddb.rules.rule import Verdict
from secure_ddb.table_evidence import Guarantee
from tests.rules.handwritten import changed, template

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body

TEXT = "rebuilt nightly from S3 (approved by SEC-142, expires 2030-06-30)"
WAIVER = {"reason": "rebuilt nightly from S3", "approved_by": "SEC-142", "expires": "2030-06-30"}
BEFORE, AFTER = date(2030, 6, 30), date(2030, 7, 1)
PATHS = {("", "Table"): "Orders/Table/Resource", ("", "Key"): "Orders/Key/Resource"}
UNPROTECTED = ("Table/Properties/DeletionProtectionEnabled", False)
ENC1, BAK3 = "SecureDdb-ENC1", "SecureDdb-BAK3"


def judged(content: Body, *acknowledged: Acknowledged, today: date = BEFORE) -> list[Judged]:
    return judge(Assembly([template(content)], acknowledged=acknowledged, paths=PATHS, today=today))


def found(content: Body, *acknowledged: Acknowledged, today: date = BEFORE) -> dict[str, Verdict]:
    return {
        rule.id: judgement.verdict
        for rule, judgement in judged(content, *acknowledged, today=today)
        if judgement.verdict not in (Verdict.MET, Verdict.MANUAL)
    }


def acknowledged(id: str, construct: str = "Orders/Table", reason: str = TEXT) -> Acknowledged:
    return Acknowledged(construct=construct, id=id, reason=reason)


def metadata(**evidence: Any) -> tuple[str, Any]:
    return "Table/Metadata", {"SecureTable": evidence}


def test_a_guarantee_that_a_table_does_without_is_waived_and_no_other() -> None:
    without = ("Selection/Type", "AWS::CloudFormation::WaitConditionHandle")
    waiver = metadata(waivers={"AWS Backup (BAK-2)": WAIVER})
    assert found(changed(without, waiver, UNPROTECTED)) == {
        "SecureDdb-BAK5": Verdict.WAIVED,
        BAK3: Verdict.NOT_MET,
    }


def test_a_waiver_shows_its_reason() -> None:
    content = changed(
        ("Selection/Type", "AWS::CloudFormation::WaitConditionHandle"), metadata(waivers={"AWS Backup (BAK-2)": WAIVER})
    )
    reasons = [each.reason for _, each in judged(content) if each.verdict is Verdict.WAIVED]
    assert reasons == [TEXT]


def test_past_its_date_a_table_s_waiver_is_a_finding_and_waives_nothing() -> None:
    content = changed(
        ("Selection/Type", "AWS::CloudFormation::WaitConditionHandle"), metadata(waivers={"AWS Backup (BAK-2)": WAIVER})
    )
    assert found(content, today=AFTER) == {"SecureDdb-BAK5": Verdict.NOT_MET, "SecureDdb-WAIVER1": Verdict.NOT_MET}


@pytest.mark.parametrize(
    "stated",
    [
        TEXT,
        {"reason": "legacy"},
        {"reason": "legacy", "expires": "2030-06-30"},
        {"reason": "legacy", "approved_by": "SEC-142"},
        {"reason": "legacy", "approved_by": " ", "expires": "2030-06-30"},
        {"reason": "", "approved_by": "SEC-142", "expires": "2030-06-30"},
        {"reason": "legacy", "approved_by": "SEC-142", "expires": "2030-13-40"},
        {"reason": "legacy", "approved_by": "SEC-142", "expires": "2020-01-01, 2030-06-30"},
    ],
    ids=str,
)
def test_a_table_s_waiver_without_approver_or_end_is_a_finding_and_waives_nothing(stated: Any) -> None:
    content = changed(
        ("Selection/Type", "AWS::CloudFormation::WaitConditionHandle"), metadata(waivers={"AWS Backup (BAK-2)": stated})
    )
    assert found(content) == {"SecureDdb-BAK5": Verdict.NOT_MET, "SecureDdb-WAIVER1": Verdict.NOT_MET}


def test_a_table_s_waiver_without_need_is_a_finding() -> None:
    assert found(changed(metadata(waivers={"AWS Backup (BAK-2)": WAIVER}))) == {"SecureDdb-WAIVER2": Verdict.NOT_MET}


def test_page_lists_the_guarantees_that_can_be_waived() -> None:
    page = (Path(__file__).parents[2] / "docs" / "check.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    waivers = json.loads(f"{{{example}}}")["Metadata"]["SecureTable"]["waivers"]
    assert set(re.findall(r"`([^`]+ \([A-Z]+-\d\))`", page)) == {*Guarantee, "Alarm UserErrors (MON-1)"}
    without = ("Selection/Type", "AWS::CloudFormation::WaitConditionHandle")
    content = changed(without, metadata(waivers=waivers))
    assert found(content, today=date(2027, 12, 31)) == {"SecureDdb-BAK5": Verdict.WAIVED}


@pytest.mark.parametrize("row", ["BAK-1", "BAK-2", "EDGE-1"])
def test_a_waiver_of_what_no_secure_table_can_do_without_is_a_finding_and_waives_nothing(row: str) -> None:
    """Metadata of a handwritten template waives no more than arguments of a SecureTable can."""
    without = ("Selection/Type", "AWS::CloudFormation::WaitConditionHandle")
    waived = metadata(waivers={f"Everything ({row})": WAIVER})
    assert found(changed(waived, without, UNPROTECTED)) == {
        "SecureDdb-BAK5": Verdict.NOT_MET,
        BAK3: Verdict.NOT_MET,
        "SecureDdb-WAIVER2": Verdict.NOT_MET,
    }
    details = [each.detail for rule, each in judged(changed(waived)) if rule.id == "SecureDdb-WAIVER2"]
    assert details == [f"Everything ({row}) is waived, but is not a guarantee that a SecureTable can waive"]


@pytest.mark.parametrize(("level", "verdict"), [("internal", Verdict.WAIVED), ("confidential", Verdict.NOT_MET)])
def test_only_some_data_may_be_ephemeral(level: str, verdict: Verdict) -> None:
    content = changed(UNPROTECTED, ("Table/Properties/Tags/4/Value", level), metadata(ephemeral="integration tests"))
    assert found(content)[BAK3] is verdict


def test_ephemeral_waives_only_what_keeps_things() -> None:
    content = changed(
        ("Table/Properties/SSESpecification", None),
        ("Table/Properties/Tags/4/Value", "internal"),
        metadata(ephemeral="integration tests"),
    )
    assert found(content)[ENC1] is Verdict.NOT_MET


@pytest.mark.parametrize(
    "acknowledgment",
    [
        acknowledged(f"SecureDdb::{BAK3}"),
        acknowledged(f"SecureDdb::{BAK3}", "Orders/Table/Resource"),
        acknowledged(f"SecureDdb::{BAK3}", "Orders"),
        acknowledged(f"SecureDdb::{BAK3}[eu-central-1]"),
        acknowledged(f"SecureDdb::{BAK3}", reason="no end"),
    ],
    ids=lambda each: f"{each.id} on {each.construct}",
)
def test_acknowledged_finding_is_waived(acknowledgment: Acknowledged) -> None:
    assert found(changed(UNPROTECTED), acknowledgment) == {BAK3: Verdict.WAIVED}


@pytest.mark.parametrize(
    "acknowledgment",
    [
        acknowledged(BAK3),
        acknowledged(f"SecureDdb::{ENC1}"),
        acknowledged("SecureDdb::SecureDdb-BAK33"),
        acknowledged(f"SecureDdb::{BAK3}[us-east-1]"),
        acknowledged(f"SecureDdb::{BAK3}", "Orders/Tab"),
        acknowledged(f"SecureDdb::{BAK3}", "Orders/Key"),
    ],
    ids=lambda each: f"{each.id} on {each.construct}",
)
def test_acknowledgment_that_matches_nothing_is_a_finding_and_waives_nothing(acknowledgment: Acknowledged) -> None:
    assert found(changed(UNPROTECTED), acknowledgment) == {
        BAK3: Verdict.NOT_MET,
        "SecureDdb-WAIVER2": Verdict.NOT_MET,
    }
    (where,) = (each.construct for rule, each in judged(changed(UNPROTECTED), acknowledgment) if "WAIVER2" in rule.id)
    assert where == acknowledgment.construct


def test_past_its_date_an_acknowledgment_is_a_finding_and_waives_nothing() -> None:
    expired = acknowledged(f"SecureDdb::{BAK3}")
    assert found(changed(UNPROTECTED), expired, today=AFTER) == {
        BAK3: Verdict.NOT_MET,
        "SecureDdb-WAIVER1": Verdict.NOT_MET,
    }


def test_what_follows_its_date_does_not_prolong_an_acknowledgment() -> None:
    prolonged = acknowledged(f"SecureDdb::{BAK3}", reason=f"{TEXT}, (still valid, expires 2099-01-01) honestly")
    assert found(changed(UNPROTECTED), prolonged, today=AFTER) == {
        BAK3: Verdict.NOT_MET,
        "SecureDdb-WAIVER1": Verdict.NOT_MET,
    }


def test_what_cannot_be_verified_stays_so_when_it_is_acknowledged() -> None:
    content = changed(("Table/Properties/DeletionProtectionEnabled", {"Ref": "Parameter"}))
    acknowledgment = acknowledged(f"SecureDdb::{BAK3}")
    assert found(content, acknowledgment) == {BAK3: Verdict.NOT_VERIFIABLE}
    (reason,) = (each.reason for _, each in judged(content, acknowledgment) if each.verdict is Verdict.NOT_VERIFIABLE)
    assert reason == TEXT
