"""Reads files, keeps the selected events, and returns them in chronological order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from secure_ddb.audit_trail.timeline.calls import call_of
from secure_ddb.audit_trail.timeline.changes import change_of
from secure_ddb.audit_trail.timeline.documents import Record, read_documents
from secure_ddb.audit_trail.timeline.event import Event
from secure_ddb.audit_trail.timeline.notes import Notes
from secure_ddb.audit_trail.verify.events import temporary_database
from secure_ddb.audit_trail.verify.sources import find_files, read_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from secure_ddb.audit_trail.timeline.wanted import Wanted

_CACHE_KIB = 24_576
# A change has an id of its own, and so has a call; both are delivered at least once.
_TABLES = """
    CREATE TABLE events (at REAL, place TEXT, source TEXT, id TEXT, content TEXT, UNIQUE (source, id));
"""


class Timeline:
    """The events in chronological order.

    Attributes:
        notes: Notes for the reader, in addition to the events.
        count: The number of events.
    """

    def __init__(self) -> None:
        """Begin with nothing, in a temporary file."""
        self.notes = Notes()
        self.count = 0
        self._database = temporary_database(_TABLES, _CACHE_KIB)

    def add(self, event: Event) -> None:
        """Take an event, unless it was there before."""
        content = json.dumps(event, separators=(",", ":"))
        row = (event.at, event.order, event.source, event.id, content)
        added = self._database.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)", row).rowcount
        self.count += added
        self.notes.duplicates += 1 - added

    def __iter__(self) -> Iterator[Event]:
        """Return the events in their order, one by one."""
        rows = self._database.execute("SELECT content FROM events ORDER BY at, source, place, id")
        return (Event(*json.loads(content)) for (content,) in rows)


def read_timeline(paths: Sequence[Path], wanted: Wanted, advance: Callable[[int], None] = lambda _: None) -> Timeline:
    """Return the timeline of the selected events.

    Args:
        paths: Files and folders with lines of audit trails and records of CloudTrail, or `STDIN`.
        wanted: The selection.
        advance: Called with the number of bytes read since the last call.

    Raises:
        InputError: A file cannot be read to its end.
        OSError: A file cannot be opened.
    """
    timeline = Timeline()
    for found in read_with(read_documents, find_files(paths), advance):
        if isinstance(found, Record):
            event = call_of(found.content, found.where, wanted, timeline.notes)
        else:
            event = change_of(found, wanted, timeline.notes)
        if event is not None:
            timeline.add(event)
    return timeline
