"""Grouping, for reports that say things once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Item = TypeVar("Item")


def grouped(items: Iterable[Item], key_of: Callable[[Item], Any]) -> dict[Any, list[Item]]:
    """Return the items of each key, both in the order in which they occur."""
    groups: dict[Any, list[Item]] = {}
    for item in items:
        groups.setdefault(key_of(item), []).append(item)
    return groups
