"""The audit trail's view of an erasure: items marked with the request's id, and items deleted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from examples.erasure.erasing import ERASURE
from secure_ddb.audit_trail.verify.sources import read_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from secure_ddb.audit_trail.verify import Entry

_OF_TRAIL = '{"schema":'


@dataclass
class Erased:
    """The items of one table in the trail, each by the digest of its key.

    Attributes:
        marked: Digests of the items that were marked.
        removed: Digest of each that was deleted to the sequence number and time of its last deletion.
        written_again: Digests of items written after it.
    """

    marked: set[str] = field(default_factory=set)
    removed: dict[str, tuple[int, float]] = field(default_factory=dict)
    written_again: set[str] = field(default_factory=set)

    @property
    def open(self) -> set[str]:
        """Digests of items that were marked, and are not deleted by what the trail says."""
        return self.marked - self.removed.keys()

    @property
    def is_proven(self) -> bool:
        """Whether every marked item was deleted, and none written again."""
        return bool(self.removed) and not self.open and not self.written_again


def read_erasure(files: Sequence[Path], request: str) -> dict[str, Erased]:
    """Return the trail's lines about a request, by table. The files are read twice: they need not be in order.

    Args:
        files: Exported lines, in any form that `secure-ddb audit verify` takes.
        request: The request's id.

    Raises:
        InputError: The lines cannot be read.
    """
    found: dict[str, Erased] = {}
    for line in _lines(read_files(files), request):
        before, after = _texts(line)
        if request not in (before, after):
            continue
        erased = found.setdefault(line["table"], Erased())
        erased.marked.add(line["key"])
        if line["action"] == "REMOVE":
            number = int(line["sequence_number"]), float(line["created"])
            erased.removed[line["key"]] = max(erased.removed.get(line["key"], number), number)
    for line in _lines(read_files(files)):
        table = found.get(line.get("table", ""))
        if table is None or line.get("key") not in table.removed:
            continue
        if line["action"] != "REMOVE" and int(line["sequence_number"]) > table.removed[line["key"]][0]:
            table.written_again.add(line["key"])
    return found


def _lines(entries: Iterable[Entry], text: str = "") -> Iterator[dict[str, Any]]:
    for entry in entries:
        if entry.text.startswith(_OF_TRAIL) and text in entry.text:
            try:
                line = json.loads(entry.text)
            except ValueError:
                # `audit verify` reports it.
                continue
            if line.get("action") and line.get("key"):
                yield line


def _texts(line: dict[str, Any]) -> list[str]:
    """Return the request's id before and after the change; empty where there was none."""
    values = line.get("clear", {}).get(ERASURE, [None, None])
    return [(value or {}).get("S", "") for value in values]
