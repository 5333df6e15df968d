"""Which attributes a change touched, of which types and sizes they were and are, and what may be shown of them."""

from __future__ import annotations

from .text import quoted, to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    TypedValue = dict[str, Any]
    Item = dict[str, TypedValue]


def write_touched(old: Item, new: Item, keys: Item, clear: frozenset[str]) -> str:
    """Return the fields of the attributes that differ, each after a comma, or nothing where all are the same.

    Values are compared as DynamoDB wrote them, type and all: a number that became a string has changed. Where an item
    comes or goes, its key attributes are not named.
    """
    added: list[str] = []
    removed: list[str] = []
    changed: list[str] = []
    # What is no item has to fail here, instead of passing for an empty one.
    if old == {}:
        added = sorted(new.keys() - keys.keys())
    elif new == {}:
        removed = sorted(old.keys() - keys.keys())
    else:
        for name in sorted([name for name, value in new.items() if value != old.get(name)]):
            (changed if name in old else added).append(name)
        # Counting tells whether anything is gone, without looking for each.
        if len(old) + len(added) > len(new):
            removed = sorted(old.keys() - new.keys())
    fields = ""
    if added:
        fields += _write_one("added", added, new)
    if removed:
        fields += _write_one("removed", removed, old)
    if changed:
        fields += _write_both(changed, old, new)
    if clear and (shown := sorted(clear.intersection(added + removed + changed))):
        fields += _write_clear(shown, old, new)
    return fields


# What follows spells out for each attribute what a function could do for all, because calls are most of what it costs.


def _write_one(field: str, names: list[str], item: Item) -> str:
    entries = []
    for name in names:
        typed_value = item[name]
        (kind,) = typed_value
        entries.append(f'{quoted(name)}:["{kind}",{_SIZES[kind](typed_value[kind])}]')
    return f',"{field}":{{{",".join(entries)}}}'


def _write_both(names: list[str], old: Item, new: Item) -> str:
    entries = []
    for name in names:
        before, after = old[name], new[name]
        (kind_before,) = before
        (kind_after,) = after
        size_before, size_after = _SIZES[kind_before](before[kind_before]), _SIZES[kind_after](after[kind_after])
        entries.append(f'{quoted(name)}:["{kind_before}",{size_before},"{kind_after}",{size_after}]')
    return f',"changed":{{{",".join(entries)}}}'


def _write_clear(names: list[str], old: Item, new: Item) -> str:
    entries = [f"{quoted(name)}:{to_json([old.get(name), new.get(name)])}" for name in names]
    return f',"clear":{{{",".join(entries)}}}'


def _text_size(text: str) -> int:
    # Lambda's event can hold halves of surrogate pairs, which strict UTF-8 has no bytes for.
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _binary_size(base64: str) -> int:
    return len(base64.rstrip("=")) * 3 // 4


def _list_size(values: list[TypedValue]) -> int:
    size = 0
    texts: list[str] = []
    waiting = list(values)
    # Grows on the way, by what is in the lists and maps that it comes across.
    for typed_value in waiting:
        (kind,) = typed_value
        value = typed_value[kind]
        if kind in ("S", "N"):
            texts.append(value)
        elif kind == "M":
            texts += value
            waiting += value.values()
        elif kind == "L":
            waiting += value
        else:
            size += _SIZES[kind](value)
    return size + _text_size("".join(texts))


def _map_size(entries: Item) -> int:
    return _text_size("".join(entries)) + _list_size([*entries.values()])


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _text_size,
    "N": len,
    "B": _binary_size,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": lambda texts: sum(map(_text_size, texts)),
    "NS": lambda numbers: sum(map(len, numbers)),
    "BS": lambda values: sum(map(_binary_size, values)),
    "L": _list_size,
    "M": _map_size,
}
