"""One event."""

from __future__ import annotations

from typing import Any, NamedTuple


class Event(NamedTuple):
    """A change by a line of the audit trail, or a call by a record of CloudTrail.

    Attributes:
        at: When, in seconds since 1970. A line says about when.
        order: Order among events of the same second.
        source: `audit log` or `CloudTrail`.
        id: The id that DynamoDB gave to the change, or CloudTrail to the call.
        action: The action: `MODIFY`, or `dynamodb:UpdateItem`.
        who: The requester. A line does not contain it.
        what: Its object: a table and an item, or other resources.
        details: Further facts, by name. Only item keys and what `clear_attributes` allows are values.
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
