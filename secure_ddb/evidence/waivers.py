"""Waivers of findings, as the evidence shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.evidence.model import WaivedBy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.stated_waiver import StatedWaiver


def waived_by(waivers: Sequence[StatedWaiver], construct: str = "") -> WaivedBy:
    """Return what waives a finding.

    Of several waivers the first to end decides, because then what they waive is a finding again.
    """
    return WaivedBy(
        reason=" / ".join(waiver.reason for waiver in waivers),
        approved_by=", ".join(dict.fromkeys(waiver.approved_by for waiver in waivers if waiver.approved_by)),
        expires=min((waiver.expires for waiver in waivers if waiver.expires), default=None),
        construct=construct,
    )
