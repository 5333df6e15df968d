"""Items in DynamoDB's JSON: checked before they are written, and compared with those of a table.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal, InvalidOperation
from typing import Any

Value = dict[str, Any]
Item = dict[str, Value]

_DEEPEST = 32
_MOST_DIGITS = 38
_SMALLEST, _TOO_LARGE = Decimal("1E-130"), Decimal("1E+126")
_TYPES = "S, N, B, BOOL, NULL, M, L, SS, NS, BS"
_NUMBER = "a number of at most 38 digits, from 1E-130 to below 1E+126"
_SETS = {"SS": "S", "NS": "N", "BS": "B"}


class RefusedError(Exception):
    """An item that cannot be loaded. Its values are never named.

    Attributes:
        field: Where in the item, such as `$.lines[0].quantity`.
        reason: The error.
    """

    def __init__(self, field: str, reason: str) -> None:
        """Keep both."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def as_sent(field: str, value: object, depth: int = 1) -> Value:
    """Return a value of JSON as boto3 sends it, which differs in binary values only.

    Raises:
        RefusedError: DynamoDB would not take it.
    """
    if not isinstance(value, dict) or len(value) != 1:
        raise RefusedError(field, 'not a value with its type, such as {"S": "text"}')
    ((kind, held),) = value.items()
    if depth > _DEEPEST:
        raise RefusedError(field, f"more than {_DEEPEST} levels deep")
    if kind in _SETS:
        return {kind: _members(field, _SETS[kind], held)}
    if kind == "L" and isinstance(held, list):
        return {"L": [as_sent(f"{field}[{place}]", each, depth + 1) for place, each in enumerate(held)]}
    if kind == "M" and isinstance(held, dict):
        return {"M": attributes(field, held, depth + 1)}
    return {kind: _scalar(field, kind, held)}


def attributes(field: str, held: dict[str, Any], depth: int = 1) -> Item:
    """Return the attributes of an item or a map as boto3 sends them.

    Raises:
        RefusedError: DynamoDB would not take one of them.
    """
    for name in held:
        if not _utf8(field, name):
            raise RefusedError(field, "an attribute whose name is empty")
    return {name: as_sent(f"{field}.{name}", each, depth) for name, each in held.items()}


def _scalar(field: str, kind: str, held: object) -> object:
    if kind == "S" and isinstance(held, str):
        _utf8(field, held)
        return held
    if kind == "N" and isinstance(held, str):
        _check_number(field, held)
        return held
    if kind == "B" and isinstance(held, str):
        try:
            return base64.b64decode(held, validate=True)
        except (binascii.Error, ValueError) as error:
            raise RefusedError(field, "not base64") from error
    if (kind == "BOOL" and isinstance(held, bool)) or (kind == "NULL" and held is True):
        return held
    raise RefusedError(field, f"not of the type that it names; allowed: {_TYPES}, each with a value of that type")


def _members(field: str, kind: str, held: object) -> list[object]:
    if not isinstance(held, list) or not held:
        raise RefusedError(field, "not a list of at least one member, as a set has to be")
    members = [_scalar(f"{field}[{place}]", kind, each) for place, each in enumerate(held)]
    if len({comparable({kind: each}) for each in members}) < len(members):
        raise RefusedError(field, "a member stands twice in a set")
    return members


def _check_number(field: str, text: str) -> None:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise RefusedError(field, f"not {_NUMBER}") from error
    if not number.is_finite():
        raise RefusedError(field, f"not {_NUMBER}")
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if len(digits) > _MOST_DIGITS or not (number == 0 or _SMALLEST <= abs(number) < _TOO_LARGE):
        raise RefusedError(field, f"not {_NUMBER}")


def _utf8(field: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise RefusedError(field, "half a character, which UTF-8 cannot hold") from error


def comparable(value: Value) -> tuple[str, Any]:
    """Return equal results for values that DynamoDB considers equal: sets have no order, 1.0 is 1."""
    ((kind, held),) = value.items()
    if kind == "N":
        return kind, Decimal(held)
    if kind in _SETS:
        return kind, frozenset(comparable({_SETS[kind]: each}) for each in held)
    if kind == "L":
        return kind, tuple(comparable(each) for each in held)
    if kind == "M":
        return kind, frozenset((name, comparable(each)) for name, each in held.items())
    return kind, held


def same(one: Item, other: Item) -> bool:
    """Return whether two items are the same to DynamoDB."""
    return comparable({"M": one}) == comparable({"M": other})


def size(value: Value) -> int:
    """Return the bytes of a value, as DynamoDB counts them, but for numbers: of these it says "approximately".

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    ((kind, held),) = value.items()
    if kind in _SETS:
        return sum(size({_SETS[kind]: each}) for each in held)
    if kind == "L":
        return 3 + sum(1 + size(each) for each in held)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + size(each) for name, each in held.items())
    if kind == "N":
        return len(Decimal(held).as_tuple().digits) // 2 + 2
    if kind == "S":
        return len(held.encode())
    return len(held) if kind == "B" else 1
