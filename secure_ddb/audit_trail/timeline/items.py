"""Which tables and items a record of CloudTrail is about.

Keys are there in clear and without their types: `"key": {"pk": "a"}`. Requests for several items have a list of such.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/understanding-ddb-log-entries.html
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.audit_trail.timeline.notes import Notes
    from secure_ddb.audit_trail.timeline.wanted import Key, Wanted

_DYNAMODB = "dynamodb.amazonaws.com"
_TABLE_ARN = re.compile(r"arn:[\w-]+:dynamodb:[\w-]*:\d*:table/([\w.-]+)")
# They name no items, and say nothing of those that they return.
_SEARCHES = ("Query", "Scan")
_REDACTED = r"""['"]?\s*[:=]\s*\*{3}\(Redacted\)"""


class Concern(Enum):
    """Whether a call was about an item."""

    YES = auto()
    POSSIBLE = auto()
    NO = auto()


def tables_of(record: dict[str, Any]) -> dict[str, None]:
    """Return the names of the tables that a record names, in their order."""
    if record.get("eventSource") != _DYNAMODB:
        return {}
    request = record.get("requestParameters")
    named = [value for name, value in _members(request) if name == "tablename" and isinstance(value, str)]
    resources = record.get("resources")
    arns = [each.get("ARN") for each in resources if isinstance(each, dict)] if isinstance(resources, list) else []
    return dict.fromkeys(_name(text) for text in (*named, *arns) if isinstance(text, str))


def concern_of(record: dict[str, Any], wanted: Wanted, notes: Notes) -> Concern:
    """Return whether a record is about one of the items that are asked for."""
    if record.get("eventSource") != _DYNAMODB or record.get("eventCategory", "Data") != "Data":
        return Concern.NO
    request = record.get("requestParameters")
    keys = list(_keys(request))
    if keys:
        if not wanted.keys:
            notes.keys_not_compared += 1
        return Concern.YES if any(_is_key(key, each) for key in keys for each in wanted.keys) else Concern.NO
    statements = [value for name, value in _members(request) if name == "statement" and isinstance(value, str)]
    if record.get("eventName") not in _SEARCHES and not statements:
        return Concern.NO
    named = [each for text in statements for each in wanted.keys if all(value in text for value in _values(each))]
    if statements and wanted.keys and not named:
        notes.hidden_keys += any(_hides(text, each) for text in statements for each in wanted.keys)
        return Concern.NO
    if not wanted.with_possible:
        notes.possible += 1
        return Concern.NO
    return Concern.POSSIBLE


def _keys(request: object) -> Iterator[dict[str, Any]]:
    for name, value in _members(request):
        if name in ("key", "keys"):
            yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))


def _members(value: object) -> Iterator[tuple[str, object]]:
    """Return every member at any depth; names in lower case, because records write `key` and `Key`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name.lower(), inner
            yield from _members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _members(inner)


def _is_key(found: dict[str, Any], wanted: Key) -> bool:
    if found.keys() != wanted.keys():
        return False
    return all(value in (wanted[name], next(iter(wanted[name].values()))) for name, value in _as_text(found).items())


def _as_text(found: dict[str, Any]) -> dict[str, Any]:
    """Return numbers as DynamoDB writes them in its own JSON: as texts."""
    return {name: str(value) if isinstance(value, int | float) else value for name, value in found.items()}


def _hides(statement: str, key: Key) -> bool:
    """Whether CloudTrail has redacted the value of a key's attribute, as it does where items are inserted."""
    return any(re.search(re.escape(name) + _REDACTED, statement) for name in key)


def _values(key: Key) -> Iterator[str]:
    return (next(iter(value.values())) for value in key.values())


def _name(text: str) -> str:
    arn = _TABLE_ARN.match(text)
    return arn[1] if arn else text
