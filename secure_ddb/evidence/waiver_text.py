"""A waiver in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secure_ddb.evidence.model import WaivedBy


def waiver_text(waived: WaivedBy) -> str:
    """Return the reason, and as far as they are known who approved it and until when, as `Waiver` writes them."""
    approved = f"approved by {waived.approved_by}" if waived.approved_by else ""
    end = f"expires {waived.expires.isoformat()}" if waived.expires else ""
    said = ", ".join(filter(None, (approved, end)))
    return f"{waived.reason} ({said})" if said else waived.reason
