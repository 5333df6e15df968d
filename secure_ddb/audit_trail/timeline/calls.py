"""Records of CloudTrail as events.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from secure_ddb.audit_trail.timeline.event import Event
from secure_ddb.audit_trail.timeline.items import Concern, concern_of, tables_of
from secure_ddb.audit_trail.timeline.principals import concerns_principal, who_sent

if TYPE_CHECKING:
    from secure_ddb.audit_trail.timeline.notes import Notes
    from secure_ddb.audit_trail.timeline.wanted import Wanted

SOURCE = "CloudTrail"
_LONGEST_REQUEST = 400


def call_of(record: object, where: str, wanted: Wanted, notes: Notes) -> Event | None:
    """Return the call that a record is about, if it is asked for."""
    if not isinstance(record, dict) or not isinstance(record.get("eventTime"), str):
        notes.cannot_read(where, "a record without eventTime")
        return None
    try:
        at = datetime.fromisoformat(record["eventTime"]).timestamp()
    except ValueError:
        notes.cannot_read(where, "a record whose eventTime is no time")
        return None
    if not wanted.is_in_time(at) or (wanted.principals and not concerns_principal(record, wanted.principals)):
        return None
    if wanted.table is not None and wanted.table not in tables_of(record):
        return None
    concern = concern_of(record, wanted, notes) if wanted.names_items else Concern.YES
    if concern is Concern.NO:
        return None
    return Event(
        at=at,
        order="",
        source=SOURCE,
        id=str(record.get("eventID")),
        action=f"{str(record.get('eventSource')).removesuffix('.amazonaws.com')}:{record.get('eventName')}",
        who=who_sent(record),
        what=_what(record),
        details=_details(record),
        is_possible=concern is Concern.POSSIBLE,
        where=where,
    )


def _what(record: dict[str, Any]) -> str:
    resources = record.get("resources")
    arns = [str(each.get("ARN")) for each in resources if isinstance(each, dict)] if isinstance(resources, list) else []
    named = ", ".join([*tables_of(record)] or arns)
    request = record.get("requestParameters")
    text = json.dumps(request) if request else ""
    return f"{named} {text[:_LONGEST_REQUEST]}{'…' if len(text) > _LONGEST_REQUEST else ''}".strip()


def _details(record: dict[str, Any]) -> dict[str, Any]:
    names = ("errorCode", "errorMessage", "sourceIPAddress", "userAgent", "awsRegion", "vpcEndpointId")
    return {name: record[name] for name in names if record.get(name)}
