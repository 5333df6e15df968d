"""Builds lines of a trail by docs/audit-trail.md, for tests of what reads them; the handler has no part in it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from secure_ddb.audit_trail.verify import Entry, Kind, Report, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Fields = dict[str, Any]

# The batches of each environment, in the order in which it wrote them.
Trail = list[list[list[str]]]


def change(number: int, **other: object) -> Fields:
    """Return what a line says of a change; the number makes it one of its own."""
    fields: Fields = {
        "schema": 1,
        "event_id": f"{number:032x}",
        "table": "Orders",
        "region": "eu-central-1",
        "action": "MODIFY",
        "cause": "request",
        "shard": "shardId-00000001732217679123-5a6b7c8d",
        "sequence_number": f"{100000000000047189201511000 + number}",
        "created": 1795292079 + number,
        "key": "q1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM",
        "added": {"note": ["S", 12]},
        "changed": {"total": ["N", 3, "N", 4]},
    }
    fields.update(other)
    return {name: value for name, value in fields.items() if value is not ...}


def link_of(before: str, text: str) -> str:
    """Return the link of a line."""
    return urlsafe_b64encode(sha256(f"{before}\n{text}".encode()).digest()).decode().rstrip("=")


def linked(before: str, fields: Fields) -> tuple[str, str]:
    """Return a line and its link."""
    text = json.dumps(fields, separators=(",", ":"))[:-1]
    link = link_of(before, text)
    return f'{text},"link":"{link}"}}', link


class Environment:
    """An execution environment of the handler: it writes batches, and each continues the one before."""

    def __init__(self, previous: str | None = None, mac_of: Callable[[bytes], bytes] | None = None) -> None:
        """Begin anew, or after a line with a link; write MACs if there is a key."""
        self.previous = previous
        self.mac_of = mac_of

    def batch(self, changes: Iterable[Fields], *, lost: bool = False) -> list[str]:
        """Return the lines of a batch, which may say that the line before is gone."""
        changes = list(changes)
        lines = []
        link = self.previous or ""
        for place, fields in enumerate(changes):
            ending: Fields = {"batch": [changes[0]["sequence_number"], place, len(changes)]}
            if place == 0:
                ending["previous"] = self.previous
                ending |= {"previous_lost": True} if lost else {}
            line, link = linked(link, fields | ending)
            lines.append(line)
        if self.mac_of:
            lines[-1] = with_mac(lines[-1], link, self.mac_of)
        self.previous = link
        return lines


def with_mac(line: str, link: str, mac_of: Callable[[bytes], bytes]) -> str:
    """Return a line with the MAC of its link."""
    mac = mac_of(f"secure_ddb audit link 1\n{link}".encode())
    return f'{line[:-1]},"link_mac":"{urlsafe_b64encode(mac).decode().rstrip("=")}"}}'


def failure(event_id: str | None, number: str = "100000000000047189201511999", error: str = "KeyError") -> str:
    """Return the line of a change that could not be written."""
    content = {"schema": 1, "failure": {"event_id": event_id, "sequence_number": number, "error": error}}
    return json.dumps(content, separators=(",", ":"))


def trail_of(sizes: Sequence[Sequence[int]]) -> Trail:
    numbers = count(1)
    return [
        [environment.batch(change(next(numbers)) for _ in range(size)) for size in batch_sizes]
        for environment, batch_sizes in ((Environment(), batch_sizes) for batch_sizes in sizes)
    ]


def chain_of(sizes: Sequence[int]) -> list[list[str]]:
    (chain,) = trail_of([sizes])
    return chain


def flat(chain: Iterable[list[str]]) -> list[str]:
    return [line for batch in chain for line in batch]


def interleaved(data: st.DataObject, sequences: list[list[str]]) -> list[str]:
    """Take from the sequences in turns, drawn at random; each keeps its order."""
    turns = data.draw(st.permutations([place for place, lines in enumerate(sequences) for _ in lines]))
    iterators = [iter(lines) for lines in sequences]
    return [next(iterators[turn]) for turn in turns]


def verified(lines: Iterable[str], **options: Any) -> Report:
    return verify((Entry(line, "lines", number) for number, line in enumerate(lines, start=1)), **options)


def kinds(report: Report) -> set[Kind]:
    return set(report.counts)
