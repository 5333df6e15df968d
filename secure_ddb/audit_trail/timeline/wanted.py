"""The selection of a timeline."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Key = dict[str, dict[str, str]]
"""The key of an item: attribute to DynamoDB's typed value, as in `{"pk": {"S": "a"}}`."""

_KEY_TYPES = ("S", "N", "B")
_MOST_KEY_ATTRIBUTES = 2


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The selection of events; an empty criterion matches all.

    Attributes:
        keys: Items, by their keys.
        digests: Items, by the digests that lines have instead of keys.
        principals: ARNs or names of roles and users, ARNs of sessions, ids of access keys.
        table: Name of the table.
        since: The first moment, in seconds since 1970.
        until: The first moment after it.
        with_possible: Whether searches of a table, which may have returned the item, are asked for too.
    """

    keys: tuple[Key, ...] = ()
    digests: frozenset[str] = field(default_factory=frozenset)
    principals: frozenset[str] = field(default_factory=frozenset)
    table: str | None = None
    since: float | None = None
    until: float | None = None
    with_possible: bool = False

    @property
    def names_items(self) -> bool:
        """Whether items are asked for."""
        return bool(self.keys or self.digests)

    def is_in_time(self, at: float) -> bool:
        """Whether a moment is asked for."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


def parse_key(text: str) -> Key:
    """Return the key that a user gives as JSON.

    Raises:
        ValueError: It is invalid; the message names the allowed values.
    """
    try:
        key: Any = json.loads(text)
    except ValueError as error:
        raise ValueError(_allowed(text)) from error
    if not isinstance(key, dict) or not 0 < len(key) <= _MOST_KEY_ATTRIBUTES or not all(map(_is_value, key.values())):
        raise ValueError(_allowed(text))
    return key


def _is_value(value: object) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((kind, content),) = value.items()
    return kind in _KEY_TYPES and isinstance(content, str)


def _allowed(text: str) -> str:
    return f'{text!r}; allowed: the item\'s key as DynamoDB\'s JSON, such as {{"pk": {{"S": "a"}}, "sk": {{"N": "1"}}}}'
