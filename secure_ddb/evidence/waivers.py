"""Waivers of findings, as the evidence shows them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import WaivedBy
from secure_ddb.evidence.standing import Standing, standing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.evidence.model import Evidence, Result, TableFacts
    from secure_ddb.waivers.stated_waiver import StatedWaiver


def waived_by(waivers: Sequence[StatedWaiver], construct: str = "") -> WaivedBy:
    """Return the waiver of a finding.

    Of several waivers the first to expire decides, because the finding is open again after its last day.
    """
    return WaivedBy(
        reason=" / ".join(waiver.reason for waiver in waivers),
        approved_by=", ".join(dict.fromkeys(waiver.approved_by for waiver in waivers if waiver.approved_by)),
        expires=min((waiver.expires for waiver in waivers if waiver.expires), default=None),
        construct=construct,
    )


def waiver_text(waived: WaivedBy) -> str:
    """Return a waiver in one line: the reason, the approver and the last day, or that these are not recorded."""
    approved = f"approved by {waived.approved_by}" if waived.approved_by else "no approver recorded"
    end = f"expires {waived.expires.isoformat()}" if waived.expires else "no expiry"
    return f"{waived.reason} ({approved}, {end})"


@dataclass
class Covered:
    """Everything that one waiver covers: guarantees of tables, and results with their positions in the evidence."""

    guarantees: list[tuple[TableFacts, str]] = field(default_factory=list)
    results: list[tuple[int, Result]] = field(default_factory=list)


def waivers_of(evidence: Evidence) -> dict[WaivedBy, Covered]:
    """Return the waivers of people: first those without an approver, then by expiry.

    Waivers of the same reason, approver and expiry are one, wherever they were acknowledged.
    """
    found: dict[WaivedBy, Covered] = {}
    for table in evidence.tables:
        for guarantee, waiver in table.waivers.items():
            found.setdefault(replace(waiver, construct=""), Covered()).guarantees.append((table, guarantee))
    for position, result in enumerate(evidence.results):
        if result.waived_by and standing_of(result) is Standing.WAIVED:
            found.setdefault(replace(result.waived_by, construct=""), Covered()).results.append((position, result))
    return dict(sorted(found.items(), key=lambda each: (bool(each[0].approved_by), each[0].expires or date.max)))
