"""A waiver of what another pack found holds until its day, and is a finding when it waives nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.evidence.collect import collect, exit_status
from secure_ddb.evidence.model import Status, WaivedBy
from secure_ddb.judging.plugin_metadata import seen_by_plugin
from secure_ddb.landscape.assembly import Acknowledged
from tests.evidence.written import KEY, assembly, plugin, validation_report, violation

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.evidence.model import Evidence

TODAY, LATER = date(2030, 6, 30), date(2030, 7, 1)
WAIVER = "a trial (approved by SEC-1, expires 2030-06-30)"
PLACE, ID = "Orders/Key", "Pack::R1"
EXPIRED, SUPERFLUOUS = "SecureDdb-WAIVER1", "SecureDdb-WAIVER2"


@pytest.fixture(autouse=True)
def with_cdk_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDK_VALIDATION", raising=False)


def suppressed(place: str = PLACE, id: str = ID, reason: str = WAIVER) -> dict[str, Any]:
    """A finding on the key that CDK found acknowledged at a place."""
    return violation(id.partition("::")[2], "Orders/Key", reason=reason, acknowledgedAt=place, acknowledgedId=id)


def evidence_of(
    folder: Path,
    *findings: dict[str, Any],
    place: str = PLACE,
    id: str = ID,
    reason: str = WAIVER,
    today: date = TODAY,
    **report: Any,
) -> Evidence:
    """Judge an app in which one thing is acknowledged; what was on the app itself is known from our plugin."""
    acknowledged = Acknowledged(construct=place, id=id, reason=reason)
    assembly(folder, {"Orders": {"Key": KEY}}, acknowledged={place: {id: reason}} if place else None)
    around = () if place else (acknowledged,)
    # It says as much as our rules say of a waiver with an end.
    said = {**seen_by_plugin(around, stacks=1), "met": "1"}
    ours = plugin(pluginName="SecureDdb", metadata=said)
    validation_report(folder, plugin(suppressed=findings, **report), ours)
    return collect(folder, today=today)


def standing(evidence: Evidence) -> dict[str, Status]:
    return {result.rule: result.status for result in evidence.results}


@pytest.mark.parametrize("place", [PLACE, "Orders", ""])
def test_on_its_last_day_a_waiver_holds(tmp_path: Path, place: str) -> None:
    evidence = evidence_of(tmp_path, suppressed(place), place=place)

    assert standing(evidence) == {"R1": Status.WAIVED, EXPIRED: Status.MET}
    assert (evidence.problems, exit_status(evidence)) == ((), 0)
    (waived,) = (result.waived_by for result in evidence.results if result.rule == "R1")
    assert waived == WaivedBy(reason="a trial", approved_by="SEC-1", expires=TODAY, construct=place)


@pytest.mark.parametrize("place", [PLACE, "Orders", ""])
def test_past_its_day_it_waives_nothing_and_is_a_finding(tmp_path: Path, place: str) -> None:
    evidence = evidence_of(tmp_path, suppressed(place), place=place, today=LATER)

    assert standing(evidence) == {"R1": Status.NOT_MET, EXPIRED: Status.NOT_MET}
    assert exit_status(evidence) == 1
    (expired,) = (result for result in evidence.results if result.rule == EXPIRED)
    assert (expired.construct, expired.detail) == (place, f"{ID} is acknowledged until 2030-06-30")
    assert [result.waived_by for result in evidence.results] == [None, None]


@pytest.mark.parametrize("place", [PLACE, "Orders", ""])
def test_waiver_that_waives_nothing_is_a_finding(tmp_path: Path, place: str) -> None:
    evidence = evidence_of(tmp_path, place=place)

    assert standing(evidence) == {EXPIRED: Status.MET, SUPERFLUOUS: Status.NOT_MET}
    assert exit_status(evidence) == 1
    (superfluous,) = (result for result in evidence.results if result.rule == SUPERFLUOUS)
    assert superfluous.construct == place
    assert superfluous.detail == f"{ID} is acknowledged, but there is no such finding"


@pytest.mark.parametrize("applied", [suppressed(id="Pack::R2"), suppressed("Orders")], ids=["rule", "place"])
def test_waiver_is_not_needed_because_another_one_is(tmp_path: Path, applied: dict[str, Any]) -> None:
    assert standing(evidence_of(tmp_path, applied))[SUPERFLUOUS] is Status.NOT_MET


def test_acknowledgment_without_an_end_may_stay_without_a_finding(tmp_path: Path) -> None:
    # This library answers findings of six packs on its own constructs, whichever of them an app runs.
    evidence = evidence_of(tmp_path, reason="serves asynchronous invocations only")

    assert SUPERFLUOUS not in standing(evidence)


def test_acknowledgment_without_a_pack_leaves_no_trace_to_compare_with(tmp_path: Path) -> None:
    # CDK puts this name in front.
    assert standing(evidence_of(tmp_path, id="Annotation::R1")) == {EXPIRED: Status.MET}
    assert standing(evidence_of(tmp_path, id="Annotation::R1", today=LATER)) == {EXPIRED: Status.NOT_MET}


def test_where_a_pack_broke_down_no_waiver_is_called_superfluous(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, conclusion="failure")

    assert standing(evidence) == {EXPIRED: Status.MET}
    assert exit_status(evidence) == 1
