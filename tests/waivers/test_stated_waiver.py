"""A waiver is the same value before and after synthesis."""

from __future__ import annotations

from datetime import date

import pytest

from secure_ddb import Waiver
from secure_ddb.evidence.model import WaivedBy
from secure_ddb.evidence.waivers import waived_by
from secure_ddb.waivers.stated_waiver import StatedWaiver, parse_waiver, read_waiver

DAY = date(2099, 12, 31)


@pytest.mark.parametrize(
    ("reason", "approved_by"),
    [
        ("rebuilt nightly from S3", "SEC-142"),
        ("two lines,\nof which one (in brackets) / has a slash", "SEC-142"),
        ("a reason", "the board (see the minutes of May)"),
    ],
)
def test_a_waiver_survives_metadata_and_the_text_of_an_acknowledgment(reason: str, approved_by: str) -> None:
    waiver = Waiver(reason=reason, approved_by=approved_by, expires=DAY)

    assert waiver.stated == StatedWaiver(reason, approved_by, DAY)
    assert read_waiver(waiver.stated.as_metadata()) == waiver.stated
    assert parse_waiver(str(waiver)) == waiver.stated


@pytest.mark.parametrize("text", ["by design", "(approved by X)", "a (approved by X, expires 2099-02-31)", ""])
def test_text_of_another_form_is_all_reason(text: str) -> None:
    assert parse_waiver(text) == StatedWaiver(text)
    assert not parse_waiver(text).is_complete


def test_of_several_waivers_the_first_to_end_decides_and_all_approvers_are_named() -> None:
    waivers = [StatedWaiver("a", "X", DAY), StatedWaiver("b", "Y", date(2030, 1, 1)), StatedWaiver("ephemeral: a test")]

    found = waived_by(waivers, "Orders/Table")

    assert found == WaivedBy(
        reason="a / b / ephemeral: a test", approved_by="X, Y", expires=date(2030, 1, 1), construct="Orders/Table"
    )
