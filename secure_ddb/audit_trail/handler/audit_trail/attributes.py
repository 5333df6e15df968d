"""Which attributes a change touched, of which types and sizes they were and are, and what may be shown of them."""

from __future__ import annotations

from .text import quoted, to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable
    from typing import Any

    TypedValue = dict[str, Any]
    Item = dict[str, TypedValue]

# Writing a number takes longer than the rest of an entry, so the usual sizes are in text already.
_NUMBERS = [str(number) for number in range(1000)]
_FURTHER = len(_NUMBERS)

# Differs from whatever JSON can hold.
_ABSENT: Any = object()


def write_touched(old: Item, new: Item, keys: Item, clear: frozenset[str]) -> str:
    """Return the fields of the attributes that differ, each after a comma, or nothing where all are the same.

    Values are compared as DynamoDB wrote them, type and all: a number that became a string has changed. Where an item
    comes or goes, its key attributes are not named.
    """
    # What is no item has to fail here, instead of passing for an empty one.
    if old == {}:
        fields = _write_all("added", new, keys)
    elif new == {}:
        fields = _write_all("removed", old, keys)
    else:
        fields = _write_differences(old, new)
    return fields + _write_clear(old, new, keys, clear) if clear else fields


# What follows spells out for each attribute what a function could do for all, because calls are most of what it costs.


def _write_differences(old: Item, new: Item) -> str:
    added: Item = {}
    changed: list[str] = []
    value_before = old.get
    for name, after in new.items():
        before = value_before(name, _ABSENT)
        if after == before:
            continue
        if before is _ABSENT:
            added[name] = after
            continue
        (kind_before,) = before
        value = before[kind_before]
        size = len(value) if kind_before == "S" and value.isascii() else _SIZES[kind_before](value)
        size_before = _NUMBERS[size] if size < _FURTHER else size
        (kind,) = after
        value = after[kind]
        size = len(value) if kind == "S" and value.isascii() else _SIZES[kind](value)
        size_after = _NUMBERS[size] if size < _FURTHER else size
        changed.append(f'{quoted(name)}:["{kind_before}",{size_before},"{kind}",{size_after}]')
    fields = _write_all("added", added, ()) if added else ""
    # Counting tells whether anything is gone, without looking for each.
    if len(old) + len(added) > len(new):
        fields += _write_all("removed", old, new)
    return f'{fields},"changed":{{{",".join(changed)}}}' if changed else fields


def _write_all(field: str, item: Item, but: Container[str]) -> str:
    entries = []
    for name, typed_value in item.items():
        if name not in but:
            (kind,) = typed_value
            value = typed_value[kind]
            size = len(value) if kind == "S" and value.isascii() else _SIZES[kind](value)
            entries.append(f'{quoted(name)}:["{kind}",{_NUMBERS[size] if size < _FURTHER else size}]')
    return f',"{field}":{{{",".join(entries)}}}' if entries else ""


def _write_clear(old: Item, new: Item, keys: Item, clear: frozenset[str]) -> str:
    pairs = [(name, old.get(name), new.get(name)) for name in sorted(clear.difference(keys))]
    entries = [f"{quoted(name)}:{to_json([before, after])}" for name, before, after in pairs if before != after]
    return f',"clear":{{{",".join(entries)}}}' if entries else ""


def _text_size(text: str) -> int:
    # Lambda's event can hold halves of surrogate pairs, which strict UTF-8 has no bytes for.
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _binary_size(base64: str) -> int:
    return len(base64.rstrip("=")) * 3 // 4


def _nested_size(values: Iterable[TypedValue], names: Iterable[str] = ()) -> int:
    size = 0
    texts = [*names]
    waiting = [*values]
    # Grows on the way, by what is in the lists and maps that it comes across.
    for typed_value in waiting:
        (kind,) = typed_value
        value = typed_value[kind]
        if kind == "S" or kind == "N":  # noqa: PLR1714 - twice as fast as looking for it in both
            texts.append(value)
        elif kind == "M":
            texts += value
            waiting += value.values()
        elif kind == "L":
            waiting += value
        else:
            size += _SIZES[kind](value)
    return size + _text_size("".join(texts))


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _text_size,
    "N": len,
    "B": _binary_size,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": lambda texts: sum(map(_text_size, texts)),
    "NS": lambda numbers: sum(map(len, numbers)),
    "BS": lambda values: sum(map(_binary_size, values)),
    "L": _nested_size,
    "M": lambda entries: _nested_size(entries.values(), entries),
}
