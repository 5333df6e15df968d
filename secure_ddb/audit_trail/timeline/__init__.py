"""Merges audit trail lines and CloudTrail records in chronological order, for `secure-ddb audit timeline`.

Input is read once, and irrelevant events are dropped at once. The rest is sorted in a temporary file.
"""

from secure_ddb.audit_trail.timeline.build import Timeline, read_timeline
from secure_ddb.audit_trail.timeline.event import Event
from secure_ddb.audit_trail.timeline.wanted import Wanted

__all__ = ["Event", "Timeline", "Wanted", "read_timeline"]
