"""Items in comparable form: digests of their keys, and of their whole content."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Item = dict[str, dict[str, Any]]

_SETS = ("SS", "NS", "BS")

_to_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def key_text(item: Item, key: Sequence[str]) -> str:
    """Return the key of an item as DynamoDB's JSON, with names sorted and binary values in base64."""
    return _to_json({name: _plain(item[name]) for name in key})


def content_digest(item: Item, ignored: Collection[str]) -> bytes:
    """Return a digest of all attributes but some; two items with the same are equal."""
    content = {name: _plain(value) for name, value in item.items() if name not in ignored}
    return digest(_to_json(content))


def digest(text: str, secret: bytes = b"") -> bytes:
    """Return a digest of a text; a secret prevents guessing."""
    return blake2b(text.encode("utf-8", "surrogatepass"), key=secret, digest_size=16).digest()


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """Return a typed value as JSON can hold it; members of sets are sorted, because a set has no order."""
    ((kind, content),) = value.items()
    match kind:
        case "M":
            return {kind: {name: _plain(inner) for name, inner in content.items()}}
        case "L":
            return {kind: [_plain(inner) for inner in content]}
        case _ if kind in _SETS:
            return {kind: sorted(map(_scalar, content))}
        case _:
            return {kind: _scalar(content)}


def _scalar(content: Any) -> Any:  # noqa: ANN401 - a value of any type
    return content.hex() if isinstance(content, bytes) else content
