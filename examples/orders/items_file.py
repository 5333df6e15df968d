"""Reads items from JSON. The whole file is checked before anything is written."""

from __future__ import annotations

import json
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from examples.exact_json import EXACT
from examples.orders.service.items import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.orders.service.items import Item

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "item.schema.json").read_text(encoding="utf-8"))
_MOST_SHOWN = 10
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_SMALLEST, _TOO_LARGE = Decimal("1E-130"), Decimal("1E+126")
_NUMBERS = "numbers of at most 38 digits, from 1E-130 to below 1E+126"

Key = tuple[str, str]


class ItemsFileError(Exception):
    """A file whose items cannot be loaded; the message names each item by its place, and the field."""


def key_of(item: Item) -> Key:
    """Return the key that identifies an item."""
    return str(item["customer"]), str(item["record"])


def read_items(file: Path) -> list[Item]:
    """Return the items of a file.

    Raises:
        ItemsFileError: It is not a list of items of the schema, or two of them have the same key.
        OSError: It cannot be read.
    """
    try:
        items = json.loads(file.read_bytes(), **EXACT)
    except (ValueError, RecursionError) as error:
        raise ItemsFileError(f"{file.name} is not JSON that can be loaded: {error}") from error
    if not isinstance(items, list) or not items:
        raise ItemsFileError(f"{file.name} has no items; allowed: a list of at least one item")
    problems = [*_problems(items)]
    if problems:
        more = [f"and {len(problems) - _MOST_SHOWN:,} more"] if len(problems) > _MOST_SHOWN else []
        raise ItemsFileError("\n".join([f"{file.name} cannot be loaded:", *problems[:_MOST_SHOWN], *more]))
    return items


def _problems(items: list[Any]) -> Iterator[str]:
    validator = Draft202012Validator(SCHEMA)
    places: dict[Key, int] = {}
    for place, item in enumerate(items):
        errors = [f"item {place}: {error.json_path}: {error.message}" for error in validator.iter_errors(item)]
        if errors:
            yield from errors
            continue
        yield from (f"item {place}: $.{name}: {value}; allowed: {_NUMBERS}" for name, value in _unstorable(item))
        # BatchWriteItem refuses a batch with a key that stands twice, and in two batches the last would win.
        first = places.setdefault(key_of(item), place)
        if first != place:
            yield f"item {place}: $.record: item {first} has the same customer and record"


def _unstorable(item: Item) -> Iterator[tuple[str, Any]]:
    for name, value in item.items():
        try:
            to_stored({name: value})
        except DecimalException:
            yield name, value
        else:
            # boto3 counts digits only.
            if not all(number == 0 or _SMALLEST <= abs(number) < _TOO_LARGE for number in _numbers(value)):
                yield name, value


def _numbers(value: Any) -> Iterator[Decimal]:
    if isinstance(value, int | Decimal):
        yield Decimal(value)
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _numbers(each)
