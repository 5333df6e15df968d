"""Lines of the audit trail as events: changes, and reads that the application has logged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from secure_ddb.audit_trail.timeline.event import Event
from secure_ddb.audit_trail.timeline.principals import names_of
from secure_ddb.audit_trail.verify.line import Damaged, Failure, Line
from secure_ddb.audit_trail.verify.usual_line import read_quickly

if TYPE_CHECKING:
    from secure_ddb.audit_trail.timeline.notes import Notes
    from secure_ddb.audit_trail.timeline.wanted import Wanted
    from secure_ddb.audit_trail.verify.entry import Entry

SOURCE = "audit log"
_MOST_SHOWN = 5
_DETAILS_OF_READS = ("region", "index", "items", "unknown_keys", "attributes", "request_id", "piece")
_DETAILS = ("cause", "region", "added", "removed", "changed", "clear", "sequence_number")


def change_of(entry: Entry, wanted: Wanted, notes: Notes) -> Event | None:
    """Return the change or the read that a log event is about, if it is asked for."""
    match read_quickly(entry.text):
        case Line(fault="", is_read=True) as line:
            return _read_event(line, entry, wanted, notes)
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


def _read_event(line: Line, entry: Entry, wanted: Wanted, notes: Notes) -> Event | None:
    fields: dict[str, Any] = json.loads(entry.text)
    who = fields["principal"]
    if not wanted.is_in_time(line.created) or wanted.table not in (None, line.table):
        return None
    if wanted.principals and wanted.principals.isdisjoint({*names_of(who), fields.get("on_behalf_of")}):
        return None
    named = not wanted.names_items or any(_is_item(_as_change(key), wanted, notes) for key in fields["item_keys"])
    is_possible = not named and bool(fields.get("unknown_keys"))
    if not named and not (is_possible and wanted.with_possible):
        notes.possible += is_possible
        return None
    keys = fields["item_keys"]
    some = ", ".join(key if isinstance(key, str) else json.dumps(key) for key in keys[:_MOST_SHOWN])
    return Event(
        at=line.created,
        order="",
        source=SOURCE,
        id=line.event_id,
        action=f"read by {fields['action']}",
        who=f"{who} for {fields['on_behalf_of']}" if "on_behalf_of" in fields else who,
        what=f"{line.table} {some}{', …' if len(keys) > _MOST_SHOWN else ''}".strip(),
        details={name: fields[name] for name in _DETAILS_OF_READS if name in fields},
        is_possible=is_possible,
        where=entry.where,
    )


def _as_change(key: Any) -> dict[str, Any]:  # noqa: ANN401 - a digest or a key
    return {"key": key} if isinstance(key, str) else {"keys": key}


def _is_item(fields: dict[str, Any], wanted: Wanted, notes: Notes) -> bool:
    if "key" not in fields:
        return fields["keys"] in wanted.keys
    if not wanted.digests:
        notes.digests_not_compared += 1
    return fields["key"] in wanted.digests
