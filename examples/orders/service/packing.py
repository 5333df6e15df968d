"""Orders, as the warehouse sees them: what to pack, and how far it is. Its role may read and change no more.

Each request lists the attributes that it wants, because a grant by attributes denies all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .items import PACKED, PLACED, SHIPPED, Item, from_stored, order_key, to_stored
from .orders import now
from .requests import RequestError

BY_STATUS = "by-status"
# Each status to the one that comes before it.
STEPS = {PACKED: PLACED, SHIPPED: PACKED}
# Words that DynamoDB reserves need a substitute.
_STATUS = {"#status": "status"}


@dataclass(frozen=True)
class Packing:
    """The orders in a table, as far as the warehouse needs them.

    Attributes:
        client: A client of boto3 for DynamoDB.
        table: Name of the table.
    """

    client: Any
    table: str

    def waiting(self) -> list[Item]:
        """Return up to 100 orders to pack, the oldest first."""
        answer = self.client.query(
            TableName=self.table,
            IndexName=BY_STATUS,
            KeyConditionExpression="#status = :placed",
            ProjectionExpression="customer, #record, #status, placed_at, #lines",
            ExpressionAttributeNames={**_STATUS, "#record": "record", "#lines": "lines"},
            ExpressionAttributeValues=to_stored({":placed": PLACED}),
            Limit=100,
        )
        return [from_stored(item) for item in answer["Items"]]

    def advance(self, customer: str, order: str, status: str) -> Item:
        """Take an order to its next status, and return the changes. Repeating it changes nothing.

        Raises:
            RequestError: There is no such order, or it has another status than the one before.
        """
        key = order_key(customer, order)
        try:
            self.client.update_item(
                TableName=self.table,
                Key=to_stored(key),
                UpdateExpression="SET #status = :status, changed_at = :now",
                ConditionExpression="#status = :before",
                ExpressionAttributeNames=_STATUS,
                ExpressionAttributeValues=to_stored({":status": status, ":before": STEPS[status], ":now": now()}),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            found = self._status(key)
            if found != status:
                value = f"{order!r}, which is {found or 'not there'}"
                raise RequestError("order", value, f"one that is {STEPS[status]}") from None
        return {**key, "status": status}

    def _status(self, key: Item) -> str:
        answer = self.client.get_item(
            TableName=self.table,
            Key=to_stored(key),
            ProjectionExpression="#status",
            ExpressionAttributeNames=_STATUS,
            ConsistentRead=True,
        )
        return str(from_stored(answer.get("Item", {})).get("status", ""))
