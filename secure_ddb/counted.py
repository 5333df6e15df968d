"""Numbers with a noun, for people."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun, such as `2 tables`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
