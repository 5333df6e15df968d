"""What happened at one moment."""

from __future__ import annotations

from typing import Any, NamedTuple


class Event(NamedTuple):
    """A change by a line of the audit trail, or a call by a record of CloudTrail.

    Attributes:
        at: When, in seconds since 1970. A line says about when.
        order: What decides among events of the same second.
        source: `audit log` or `CloudTrail`.
        id: The id that DynamoDB gave to the change, or CloudTrail to the call.
        action: What was done: `MODIFY`, or `dynamodb:UpdateItem`.
        who: Who sent the request. A line does not say it.
        what: What it was done to: a table and an item, or other resources.
        details: What else is known, by name. Only keys of items and what `clear_attributes` allows are values.
        is_possible: Whether it may have concerned the item, and nothing says that it did.
        where: The file, and the place in it.
    """

    at: float
    order: str
    source: str
    id: str
    action: str
    who: str
    what: str
    details: dict[str, Any]
    is_possible: bool
    where: str
