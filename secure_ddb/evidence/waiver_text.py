"""A waiver in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.stated_waiver import StatedWaiver

if TYPE_CHECKING:
    from secure_ddb.evidence.model import WaivedBy


def waiver_text(waived: WaivedBy) -> str:
    """Return the reason, and as far as they are recorded who approved it and until when."""
    return str(StatedWaiver(waived.reason, waived.approved_by, waived.expires))
