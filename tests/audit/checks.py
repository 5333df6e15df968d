"""What lines have to be, worked out from docs/audit-trail.md alone, slowly and without the handler's code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

Record = dict[str, Any]
Item = dict[str, dict[str, Any]]
Line = dict[str, Any]

ROOT = Path(__file__).parents[2]
EVENTS = Path(__file__).parent / "events"
SCHEMA_FILE = ROOT / "secure_ddb" / "audit_trail" / "record.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

_LINKED = re.compile(r'(\{.*),"link":"([^"]*)"(?:,"link_mac":"([^"]*)")?\}')


def golden(name: str) -> Record:
    """Return the record of an event in the folder `events`."""
    records: list[Record] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))["Records"]
    (record,) = records
    return record


def read(output: str) -> list[Line]:
    """Return what the handler has written, after making sure that each line is one and is what the schema says."""
    lines = output.split("\n")
    assert lines.pop() == ""
    # Python's own idea of a line end is the widest: U+2028, U+0085, vertical tabs and more.
    assert output.splitlines() == lines
    assert output.isascii()
    assert all(line.isprintable() for line in lines)
    parsed = [json.loads(line, object_pairs_hook=_without_repetition, parse_constant=_refuse) for line in lines]
    for line in parsed:
        VALIDATOR.validate(line)
    return parsed


def read_one(output: str) -> Line:
    """Return the only line."""
    (line,) = read(output)
    return line


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names)
    return dict(pairs)


def _refuse(constant: str) -> None:
    raise AssertionError(constant)


def size(typed_value: dict[str, Any]) -> int:
    """Return the size of a value."""
    ((kind, value),) = typed_value.items()
    if kind in ("SS", "NS", "BS"):
        return sum(size({kind[0]: element}) for element in value)
    if kind == "L":
        return sum(map(size, value))
    if kind == "M":
        return sum(size({"S": name}) + size(element) for name, element in value.items())
    if kind == "S":
        return len(value.encode("utf-8", "surrogatepass"))
    if kind == "B":
        return len(base64.b64decode(value))
    return len(value) if kind == "N" else 1


def touched(old: Item, new: Item, keys: Item) -> dict[str, Any]:
    """Return the fields of a change's attributes, each of which is in one field at most."""
    fields: dict[str, dict[str, list[object]]] = {"added": {}, "removed": {}, "changed": {}}
    for name in {*old, *new} - {*keys}:
        before, after = old.get(name), new.get(name)
        if before is None and after is not None:
            fields["added"][name] = [*after, size(after)]
        elif after is None and before is not None:
            fields["removed"][name] = [*before, size(before)]
        elif before is not None and after is not None and before != after:
            fields["changed"][name] = [*before, size(before), *after, size(after)]
    return {name: content for name, content in fields.items() if content}


def digest(secret: bytes, keys: Item) -> str:
    """Return the digest of a key."""
    text = json.dumps(keys, sort_keys=True, separators=(",", ":"))
    return url_safe(hmac.digest(secret, text.encode(), "sha256"))


def link(before: str, text: str) -> str:
    """Return the link of a line whose text ends where the link begins."""
    return url_safe(hashlib.sha256(f"{before}\n{text}".encode()).digest())


def url_safe(content: bytes) -> str:
    """Return bytes as lines have them."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def chain_holds(output: str) -> bool:
    """Tell whether all that one execution environment has written is there and unaltered, but for failures."""
    try:
        _follow_chain(output)
    except (AssertionError, ValueError, KeyError, TypeError, IndexError):
        return False
    return True


def _follow_chain(output: str) -> None:
    *lines, rest = output.split("\n")
    assert rest == ""
    last: str | None = None
    first, place, number = "", 0, 0
    for line in lines:
        if line.startswith('{"schema":1,"failure":{'):
            continue
        match = _LINKED.fullmatch(line)
        assert match
        text, said, _ = match.groups()
        fields = json.loads(line)
        if place == number:
            first, place, number = fields["batch"]
            assert first == fields["sequence_number"]
            assert place == 0
            assert fields["previous"] == last
        assert fields["batch"] == [first, place, number]
        assert said == link(last or "", text)
        place, last = place + 1, said
    assert place == number
