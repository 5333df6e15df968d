"""What tests of the handler share: settings, and what goes in and comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from secure_ddb.audit_trail.handler.audit_trail.keys import key_digest
from secure_ddb.audit_trail.handler.audit_trail.settings import Settings
from tests.audit.aws import STREAMS
from tests.audit.checks import read_one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.audit_trail.handler.audit_trail.batch import Batch
    from tests.audit.checks import Line, Record

SECRET = b"a secret of thirty-two bytes ..."
SETTINGS = Settings(key_digest(SECRET), STREAMS)
ITEM_CHANGES = ("insert", "modify", "remove", "remove_by_time_to_live")


def text_of(batch: Batch) -> str:
    """Return the lines of a batch with their ends."""
    return "".join(f"{line}\n" for line in batch.lines)


def line_of(record: Record, settings: Settings = SETTINGS) -> Line:
    """Return the only line of the only record of a batch."""
    batch = write_batch([record], settings, None, None)
    assert batch.failed == []
    return read_one(text_of(batch))


def _texts(typed_value: dict[str, Any]) -> Iterator[str]:
    """Return all texts in a value, the names inside maps among them."""
    for kind, value in typed_value.items():
        if kind in ("S", "N", "B"):
            yield value
        elif kind in ("SS", "NS", "BS"):
            yield from value
        elif kind == "L":
            for element in value:
                yield from _texts(element)
        elif kind == "M":
            for name, element in value.items():
                yield name
                yield from _texts(element)


def item_texts(record: Record) -> set[str]:
    """Return all texts in the items of a record."""
    change = record["dynamodb"]
    items = (change.get(part, {}) for part in ("Keys", "NewImage", "OldImage"))
    return {text for item in items for value in item.values() for text in _texts(value) if text}
