"""A waiver in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secure_ddb.evidence.model import WaivedBy


def waiver_text(waived: WaivedBy) -> str:
    """Return the reason, who approved it and until when, or that it does not say so."""
    approved = f"approved by {waived.approved_by}" if waived.approved_by else "no approver recorded"
    end = f"expires {waived.expires.isoformat()}" if waived.expires else "no expiry"
    return f"{waived.reason} ({approved}, {end})"
