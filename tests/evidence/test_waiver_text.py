from __future__ import annotations

from datetime import date

import pytest

from secure_ddb.evidence.model import WaivedBy
from secure_ddb.evidence.waiver_text import waiver_text

END = date(2030, 6, 30)


@pytest.mark.parametrize(
    ("waived", "text"),
    [
        (WaivedBy(reason="a trial"), "a trial"),
        (WaivedBy(reason="a trial", approved_by="SEC-1"), "a trial (approved by SEC-1)"),
        (WaivedBy(reason="a trial", expires=END), "a trial (expires 2030-06-30)"),
        (
            WaivedBy(reason="all", approved_by="SEC-1", expires=END),
            "all (approved by SEC-1, expires 2030-06-30)",
        ),
    ],
)
def test_what_nobody_said_of_a_waiver_is_left_out(waived: WaivedBy, text: str) -> None:
    assert waiver_text(waived) == text
