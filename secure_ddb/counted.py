"""Numbers with what they count, for people."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
