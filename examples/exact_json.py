"""JSON of items, read without losing digits or fields."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"a field stands twice in one object: {next(n for n in names if names.count(n) > 1)}")
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number that a table can hold")


# A float would lose digits, and of a name that stands twice, Python would take the last without a word.
EXACT: dict[str, Any] = {
    "parse_float": Decimal,
    "parse_constant": _refuse_constant,
    "object_pairs_hook": _object,
}
"""Arguments of `json.loads` and `json.JSONDecoder`."""
