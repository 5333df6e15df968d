"""Lines about reads, and the links between them, as docs/audit-trail.md has them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from .keys import key_digest, key_json, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .answers import Part
    from .keys import Key

# A log event had at most 256 KiB for years, and whatever reads the log may still rely on it. 43 characters of a
# digest, or the key of an item in clear (3 KiB at most), and the names beside them have to fit.
_MOST_DIGESTS = 4_000
_MOST_KEYS_IN_CLEAR = 40
_LONGEST_NAMES = 30_000

Fields = dict[str, Any]


def read_fields(
    common: Fields, parts: Sequence[Part], names: tuple[str, ...], secret: bytes | None
) -> Iterator[Fields]:
    """Return what lines say of what one answer holds of one table: usually one line, more if there are many keys.

    Args:
        common: What the request and its sender are.
        parts: What the answer holds of the table.
        names: The attributes of the table's key.
        secret: Under which keys are digested; None to log them in clear.
    """
    keys: dict[str, Key] = {}
    items = unknown = 0
    attributes: set[str] = set()
    for part in parts:
        items += max(part.number, len(part.items))
        unknown += max(part.number - len(part.items), 0)
        found = [key_of(item, names) for item in part.items]
        # An item that was asked for by its key can come back without it.
        unknown += 0 if part.asked else found.count(None)
        asked = [key_of(key, names) for key in part.asked]
        keys |= {key_json(key): key for key in (*asked, *found) if key}
        attributes.update(*part.items)
    indexes = sorted({part.index_name for part in parts if part.index_name})
    shown, left_out = _that_fit(sorted(attributes))
    fields = {
        **common,
        **({"index": ", ".join(indexes)} if indexes else {}),
        "items": items,
        **({"unknown_keys": unknown} if unknown else {}),
        "attributes": shown,
        **({"attributes_left_out": left_out} if left_out else {}),
    }
    yield from _in_pieces(fields, list(keys.values()), secret)


def link(lines: Sequence[Fields], name: str, previous: str | None, *, previous_lost: bool) -> tuple[list[str], str]:
    """Return the texts of a batch's lines, and the link of the last one.

    Args:
        lines: What they say.
        name: A number that other batches do not have; a change has its sequence number there.
        previous: The link of the line that was written before, if there is one for certain.
        previous_lost: The log stream that had that line is gone.
    """
    texts = []
    last = previous or ""
    for place, fields in enumerate(lines):
        ending: Fields = {"batch": [name, place, len(lines)]}
        if place == 0:
            ending["previous"] = previous
            ending |= {"previous_lost": True} if previous_lost else {}
        text = json.dumps(fields | ending, separators=(",", ":"))[:-1]
        last = urlsafe_b64encode(sha256(f"{last}\n{text}".encode()).digest()).decode().rstrip("=")
        texts.append(f'{text},"link":"{last}"}}')
    return texts, last


def _in_pieces(fields: Fields, keys: list[Key], secret: bytes | None) -> Iterator[Fields]:
    """Return one line, or as many as the keys need, each with its place among them."""
    most = _MOST_KEYS_IN_CLEAR if secret is None else _MOST_DIGESTS
    pieces = [keys[start : start + most] for start in range(0, len(keys), most)] or [[]]
    for place, piece in enumerate(pieces):
        yield {
            **fields,
            "event_id": f"{fields['event_id']}/{place}",
            "item_keys": piece if secret is None else [key_digest(secret, key) for key in piece],
            **({"piece": [place, len(pieces)]} if len(pieces) > 1 else {}),
        }


def _that_fit(names: Iterable[str]) -> tuple[list[str], int]:
    """Return the first names that a line has room for, and how many others there are."""
    names = list(names)
    room = _LONGEST_NAMES
    for place, name in enumerate(names):
        room -= len(json.dumps(name)) + 1
        if room < 0:
            return names[:place], len(names) - place
    return names, 0
