"""Changes by PartiQL statements reach the table's stream. The emulator leaves them out.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ministack.services import dynamodb

if TYPE_CHECKING:
    from collections.abc import Callable

_WRITES = ("_partiql_insert", "_partiql_update", "_partiql_delete")


def install() -> None:
    """Have each kind of statement that writes emit what it has changed."""
    for name in _WRITES:
        setattr(dynamodb, name, _emitting(getattr(dynamodb, name)))


def _emitting(write: Callable[..., tuple[int, Any, Any]]) -> Callable[..., tuple[int, Any, Any]]:
    def written(table: dict[str, Any], parsed: dict[str, Any], *rest: Any) -> tuple[int, Any, Any]:
        before = {key: copy.deepcopy(item) for key, item in _items(table)}
        answer = write(table, parsed, *rest)
        after = dict(_items(table))
        for key in before.keys() | after.keys():
            old, new = before.get(key), after.get(key)
            if old != new:
                action = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
                dynamodb._emit_stream_event(table["TableName"], action, old, new)
        return answer

    return written


def _items(table: dict[str, Any]) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    return [((pk, sk), item) for pk, items in table["items"].items() for sk, item in items.items()]
