"""Lines of the audit trail as events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from secure_ddb.audit_trail.timeline.event import Event
from secure_ddb.audit_trail.verify.line import Damaged, Failure, Line
from secure_ddb.audit_trail.verify.usual_line import read_quickly

if TYPE_CHECKING:
    from secure_ddb.audit_trail.timeline.notes import Notes
    from secure_ddb.audit_trail.timeline.wanted import Wanted
    from secure_ddb.audit_trail.verify.entry import Entry

SOURCE = "audit log"
_DETAILS = ("cause", "region", "added", "removed", "changed", "clear", "sequence_number")


def change_of(entry: Entry, wanted: Wanted, notes: Notes) -> Event | None:
    """Return the change that a log event is about, if it is asked for."""
    match read_quickly(entry.text):
        case Line(fault="") as line:
            return _event(line, entry, wanted, notes)
        case Line() as line:
            notes.cannot_read(entry.where, f"a line with a wrong {line.fault}")
        case Damaged() as damaged:
            notes.cannot_read(entry.where, damaged.reason)
        case Failure():
            notes.failures += 1
    return None


def _event(line: Line, entry: Entry, wanted: Wanted, notes: Notes) -> Event | None:
    if not wanted.is_in_time(line.created) or wanted.table not in (None, line.table):
        return None
    fields: dict[str, Any] = json.loads(entry.text)
    if wanted.names_items and not _is_item(fields, wanted, notes):
        return None
    if wanted.principals:
        notes.lines_without_who += 1
        return None
    key = fields.get("key") or json.dumps(fields["keys"])
    return Event(
        at=line.created,
        order=fields["sequence_number"].zfill(40),
        source=SOURCE,
        id=line.event_id,
        action=fields["action"],
        who="",
        what=f"{line.table} {key}",
        details={name: fields[name] for name in _DETAILS if name in fields},
        is_possible=False,
        where=entry.where,
    )


def _is_item(fields: dict[str, Any], wanted: Wanted, notes: Notes) -> bool:
    if "key" not in fields:
        return fields["keys"] in wanted.keys
    if not wanted.digests:
        notes.digests_not_compared += 1
    return fields["key"] in wanted.digests
