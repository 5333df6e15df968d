"""Three-valued truth: true, false, or unknown until deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# None is unknown.
Truth = bool | None


def any_of(values: Iterable[Truth]) -> Truth:
    """Return true if any value is true, otherwise unknown if any is unknown."""
    is_unknown = False
    for value in values:
        if value:
            return True
        is_unknown = is_unknown or value is None
    return None if is_unknown else False


def all_of(*values: Truth) -> Truth:
    """Return false if any value is false, otherwise unknown if any is unknown."""
    if False in values:
        return False
    return None if None in values else True


def negate(value: Truth) -> Truth:
    """Return the opposite; unknown stays unknown."""
    return None if value is None else not value
