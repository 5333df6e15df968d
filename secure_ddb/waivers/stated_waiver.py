"""A waiver after synthesis: from a table's metadata, or from the text of an acknowledgment in CDK. Loads no CDK."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

# `Waiver` writes this before its last day, in the text that CDK keeps.
EXPIRES = "expires "
_APPROVAL = re.compile(rf" \(approved by (.+?), {EXPIRES}(\d{{4}}-\d{{2}}-\d{{2}})\)(?= / |$)", re.DOTALL)
_LAST_DAY = re.compile(EXPIRES + r"(\d{4}-\d{2}-\d{2})\)")


class StatedWaiver(NamedTuple):
    """Why something is waived.

    Attributes:
        reason: Why.
        approved_by: The approver; empty if none is recorded.
        expires: The last day on which it holds; None if none is recorded.
    """

    reason: str
    approved_by: str = ""
    expires: date | None = None

    def __str__(self) -> str:
        """Return everything in one line."""
        details = [
            *([f"approved by {self.approved_by}"] if self.approved_by else []),
            *([f"{EXPIRES}{self.expires.isoformat()}"] if self.expires else []),
        ]
        return f"{self.reason} ({', '.join(details)})" if details else self.reason

    @property
    def is_complete(self) -> bool:
        """Whether it has a reason, an approver and a last day, as a `Waiver` has."""
        return bool(self.reason.strip() and self.approved_by.strip() and self.expires)

    def as_metadata(self) -> dict[str, str]:
        """Return the waiver as a template's metadata keeps it."""
        stated = {"reason": self.reason, "approved_by": self.approved_by}
        return {**stated, "expires": self.expires.isoformat()} if self.expires else stated


def read_waiver(stated: object) -> StatedWaiver:
    """Return a waiver from a template's metadata; missing or malformed attributes stay empty."""
    if not isinstance(stated, dict):
        return StatedWaiver(str(stated))
    reason, approved_by = (str(stated.get(name) or "") for name in ("reason", "approved_by"))
    return StatedWaiver(reason, approved_by, _day(str(stated.get("expires"))))


def parse_waiver(text: str) -> StatedWaiver:
    """Return a waiver from the text of an acknowledgment in CDK, which keeps nothing else.

    Of several last days in it, the first counts.
    """
    approvers = dict.fromkeys(name for name, _ in _APPROVAL.findall(text))
    try:
        expires = min(map(date.fromisoformat, _LAST_DAY.findall(text)), default=None)
    except ValueError:
        return StatedWaiver(text)
    return StatedWaiver(_APPROVAL.sub("", text), ", ".join(approvers), expires)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
