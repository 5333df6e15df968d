"""The text of a waiver is taken apart into what was put into it."""

from __future__ import annotations

from datetime import date

import pytest

from secure_ddb import Waiver
from secure_ddb.evidence.model import WaivedBy
from secure_ddb.evidence.waivers import waived_by

DAY = date(2099, 12, 31)


@pytest.mark.parametrize(
    ("reason", "approved_by"),
    [
        ("rebuilt nightly from S3", "SEC-142"),
        ("two lines,\nof which one (in brackets) / has a slash", "SEC-142"),
        ("a reason", "the board (see the minutes of May)"),
    ],
)
def test_waiver_is_what_was_written(reason: str, approved_by: str) -> None:
    waiver = Waiver(reason=reason, approved_by=approved_by, expires=DAY)

    found = waived_by(str(waiver), "Orders/Table")

    assert found == WaivedBy(reason=reason, approved_by=approved_by, expires=DAY, construct="Orders/Table")


@pytest.mark.parametrize("text", ["by design", "(approved by X)", "a (approved by X, expires 2099-02-31)", ""])
def test_text_of_another_form_is_all_reason(text: str) -> None:
    assert waived_by(text) == WaivedBy(reason=text)


def test_of_several_waivers_the_first_to_end_decides_and_all_approvers_are_named() -> None:
    text = "a (approved by X, expires 2099-12-31) / b (approved by Y, expires 2030-01-01) / ephemeral: a test"

    found = waived_by(text)

    assert found == WaivedBy(reason="a / b / ephemeral: a test", approved_by="X, Y", expires=date(2030, 1, 1))
