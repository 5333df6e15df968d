"""Evidence for programs: JSON, as evidence.schema.json describes it."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence


def to_json(evidence: Evidence) -> str:
    """Return evidence as JSON: each class of the model an object, statuses and days as text, a line for each result."""
    # Python indents slowly, and of a large app there are tens of thousands of results.
    entries = (f'"{field.name}": {_lines(getattr(evidence, field.name))}' for field in fields(evidence))
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _lines(value: object) -> str:
    if isinstance(value, tuple) and value:
        return "[\n" + ",\n".join(map(_line, value)) + "\n]"
    return _line(value)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=plain)


def plain(value: object) -> Any:  # noqa: ANN401 - what JSON has
    """Return a value of JSON for a part of the evidence.

    Raises:
        TypeError: It is no part of the evidence.
    """
    if is_dataclass(value):
        return vars(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in evidence")
