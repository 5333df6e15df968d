from __future__ import annotations

from datetime import date

import pytest

from secure_ddb.evidence.model import WaivedBy
from secure_ddb.evidence.waivers import waiver_text

END = date(2030, 6, 30)


@pytest.mark.parametrize(
    ("waived", "text"),
    [
        (WaivedBy(reason="a trial"), "a trial (no approver recorded, no expiry)"),
        (WaivedBy(reason="a trial", approved_by="SEC-1"), "a trial (approved by SEC-1, no expiry)"),
        (WaivedBy(reason="a trial", expires=END), "a trial (no approver recorded, expires 2030-06-30)"),
        (
            WaivedBy(reason="all", approved_by="SEC-1", expires=END),
            "all (approved by SEC-1, expires 2030-06-30)",
        ),
    ],
)
def test_waiver_says_what_is_missing_of_it(waived: WaivedBy, text: str) -> None:
    assert waiver_text(waived) == text
