"""The text of a waiver, taken apart again: reason, who approved it, and until when."""

from __future__ import annotations

import re
from datetime import date

from secure_ddb.evidence.model import WaivedBy

# As `Waiver` writes it; the rules join those of several tables with a slash.
_APPROVAL = re.compile(r" \(approved by (.+?), expires (\d{4}-\d{2}-\d{2})\)(?= / |$)", re.DOTALL)


def waived_by(text: str, construct: str = "") -> WaivedBy:
    """Return what a waiver's text says; one that was written otherwise is all reason.

    Of several waivers the first to end decides, because then what they waive is a finding again.
    """
    try:
        approvals = [(name, date.fromisoformat(day)) for name, day in _APPROVAL.findall(text)]
    except ValueError:
        approvals = []
    if not approvals:
        return WaivedBy(reason=text, construct=construct)
    return WaivedBy(
        reason=_APPROVAL.sub("", text),
        approved_by=", ".join(dict.fromkeys(name for name, _ in approvals)),
        expires=min(day for _, day in approvals),
        construct=construct,
    )
