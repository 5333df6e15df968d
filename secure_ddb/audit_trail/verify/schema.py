"""The fields of a line, by docs/audit-trail.md, checked by hand: a million lines are many for a JSON Schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

READS = frozenset(
    {
        "GetItem",
        "BatchGetItem",
        "TransactGetItems",
        "Query",
        "Scan",
        "ExecuteStatement",
        "BatchExecuteStatement",
        "ExecuteTransaction",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "TransactWriteItems",
    }
)
"""Requests that can return items, as `secure_ddb_reads` logs them."""

FAILURE_FIELDS = ("event_id", "sequence_number", "error")

# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
MOST_LINES = 10_000

# The end of the year 9999, behind which there are no dates to print.
_LAST_SECOND = 253_402_300_799

LINK = re.compile(r"[A-Za-z0-9_-]{43}")
# The last character of 32 bytes in base64 has two bits that mean nothing, so 43 characters are not always one MAC.
MAC = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
NUMBER = re.compile(r"[0-9]{1,40}")
TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
REGION = re.compile(r"[a-z0-9-]{3,30}")
_READABLE = re.compile(r"[\x21-\x7e]{1,2048}")
_EVENT_ID = re.compile(r"[\x21-\x7e]{1,200}")
_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"})


def faults_of(fields: dict[str, Any]) -> list[str]:
    """Return the names of the fields that are missing, too many, or not as the format has them.

    That there is a link, and a batch that is one, has been seen already.
    """
    of_read = is_read(fields)
    required, optional = (_REQUIRED_OF_READS, _OPTIONAL_OF_READS) if of_read else (_REQUIRED, _OPTIONAL)
    faults = [name for name, is_right in required.items() if name not in fields or not is_right(fields[name])]
    if len(fields) > len(required):
        faults += [
            name for name, value in fields.items() if name not in required and not optional.get(name, _no)(value)
        ]
    if not of_read and ("key" in fields) == ("keys" in fields):
        faults.append("key")
    if (fields["batch"][1] == 0) != ("previous" in fields):
        faults.append("previous")
    if "link_mac" in fields and fields["batch"][1] != fields["batch"][2] - 1:
        faults.append("link_mac")
    if "previous_lost" in fields and fields.get("previous") is None:
        faults.append("previous_lost")
    return faults


def is_read(fields: dict[str, Any]) -> bool:
    """Whether a line is about a read, and not about a change."""
    action = fields.get("action")
    return isinstance(action, str) and action in READS


def is_batch(value: object) -> bool:
    """Whether a value is the first sequence number, a place and a number of lines."""
    return (
        isinstance(value, list)
        and [*map(type, value)] == [str, int, int]
        and 0 <= value[1] < value[2] <= MOST_LINES
        and NUMBER.fullmatch(value[0]) is not None
    )


def is_previous(value: object) -> bool:
    """Whether a value is the link before, or null."""
    return value is None or _matches(LINK)(value)


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    fullmatch = pattern.fullmatch
    return lambda value: type(value) is str and fullmatch(value) is not None


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LAST_SECOND


def _no(_value: object) -> bool:
    return False


def _sizes(times: int) -> Callable[[object], bool]:
    """Return a check for attributes with a type and a size, with counts."""
    expected = [str, int] * times

    def is_right(value: object) -> bool:
        if not isinstance(value, dict):
            return False
        for sizes in value.values():
            # Loops, because they take half the time of generators.
            if not isinstance(sizes, list) or [*map(type, sizes)] != expected:
                return False
            if not _TYPES.issuperset(sizes[::2]) or min(sizes[1::2]) < 0:
                return False
        return True

    return is_right


def _is_clear(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(pair, list) and len(pair) == len("ab") for pair in value.values())


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(type(name) is str for name in value)


def _is_item_keys(value: object) -> bool:
    """Whether a value is a list of digests, or one of keys in clear."""
    if not isinstance(value, list):
        return False
    return all(map(_matches(LINK), value)) or all(isinstance(key, dict) and key for key in value)


def _is_piece(value: object) -> bool:
    return isinstance(value, list) and [*map(type, value)] == [int, int] and 0 <= value[0] < value[1]


_REQUIRED: dict[str, Callable[[object], bool]] = {
    "schema": lambda value: type(value) is int and value == 1,
    "event_id": _matches(_EVENT_ID),
    "table": _matches(TABLE),
    "region": _matches(REGION),
    "action": lambda value: value in ("INSERT", "MODIFY", "REMOVE"),
    "cause": lambda value: value in ("request", "time to live"),
    "shard": lambda value: isinstance(value, str | None),
    "sequence_number": _matches(NUMBER),
    "created": _is_time,
    "batch": lambda _: True,
    "link": lambda _: True,
}
_OPTIONAL: dict[str, Callable[[object], bool]] = {
    "key": _matches(LINK),
    "keys": lambda value: isinstance(value, dict),
    "added": _sizes(1),
    "removed": _sizes(1),
    "changed": _sizes(2),
    "clear": _is_clear,
    "previous": is_previous,
    "previous_lost": lambda value: value is True,
    "link_mac": _matches(MAC),
}

_REQUIRED_OF_READS: dict[str, Callable[[object], bool]] = {
    **{name: _REQUIRED[name] for name in ("schema", "event_id", "table", "region", "created", "batch", "link")},
    "action": lambda _: True,
    "request_id": _matches(_EVENT_ID),
    "principal": _matches(_READABLE),
    "items": _is_count,
    "item_keys": _is_item_keys,
    "attributes": _is_names,
}
_OPTIONAL_OF_READS: dict[str, Callable[[object], bool]] = {
    **{name: _OPTIONAL[name] for name in ("previous", "previous_lost")},
    "on_behalf_of": lambda value: type(value) is str and value != "",
    "index": lambda value: type(value) is str and value != "",
    "unknown_keys": _is_count,
    "attributes_left_out": _is_count,
    "piece": _is_piece,
}
