"""Orders, as the order service handles them: placed once, listed, cancelled.

Placing an order takes its total from the customer's credit, and cancelling gives it back, so each changes two items.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .items import CANCELLED, ORDER, PLACED, account_key, from_stored, order_key, to_stored
from .requests import RequestError
from .transactions import write_together

if TYPE_CHECKING:
    from .items import Item
    from .requests import Order

PAGE = 100


@dataclass(frozen=True)
class Orders:
    """The orders in a table.

    Attributes:
        client: A client of boto3 for DynamoDB.
        table: Name of the table.
    """

    client: Any
    table: str

    def place(self, order: Order) -> Item:
        """Place an order and return it. The same order again changes nothing, and returns it as it is by now.

        Raises:
            RequestError: The customer has no account or too little credit, or another order has this id.
        """
        item = _new(order)
        if write_together(
            self.client,
            {
                "Put": {
                    "TableName": self.table,
                    "Item": to_stored(item),
                    "ConditionExpression": "attribute_not_exists(customer)",
                }
            },
            {
                "Update": {
                    "TableName": self.table,
                    "Key": to_stored(account_key(order.customer)),
                    "UpdateExpression": "SET credit = credit - :total",
                    "ConditionExpression": "credit >= :total",
                    "ExpressionAttributeValues": to_stored({":total": order.total}),
                }
            },
        ):
            return item
        return self._existing(item)

    def of(self, customer: str, after: str = "") -> tuple[list[Item], bool]:
        """Return up to 100 orders of a customer by their ids, and whether there are more.

        Args:
            customer: The customer.
            after: The id behind which to begin.
        """
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "customer = :customer AND begins_with(#record, :order)",
            "ExpressionAttributeNames": {"#record": "record"},
            "ExpressionAttributeValues": to_stored({":customer": customer, ":order": ORDER}),
            "Limit": PAGE,
        }
        if after:
            query["ExclusiveStartKey"] = to_stored(order_key(customer, after))
        answer = self.client.query(**query)
        return [from_stored(item) for item in answer["Items"]], "LastEvaluatedKey" in answer

    def cancel(self, customer: str, order: str) -> Item:
        """Cancel an order that is not packed yet, and return it. To cancel it again changes nothing.

        Raises:
            RequestError: There is no such order, it is packed, or the customer has no account.
        """
        found = self._placed(customer, order)
        if found["status"] == CANCELLED:
            return found
        changed = {"status": CANCELLED, "changed_at": now()}
        if write_together(
            self.client,
            {
                "Update": {
                    "TableName": self.table,
                    "Key": to_stored(order_key(customer, order)),
                    "UpdateExpression": "SET #status = :status, changed_at = :changed_at",
                    "ConditionExpression": "#status = :placed",
                    "ExpressionAttributeNames": {"#status": "status"},
                    "ExpressionAttributeValues": to_stored(
                        {":status": CANCELLED, ":changed_at": changed["changed_at"], ":placed": PLACED}
                    ),
                }
            },
            {
                "Update": {
                    "TableName": self.table,
                    "Key": to_stored(account_key(customer)),
                    "UpdateExpression": "SET credit = credit + :total",
                    "ConditionExpression": "attribute_exists(credit)",
                    "ExpressionAttributeValues": to_stored({":total": found["total"]}),
                }
            },
        ):
            return {**found, **changed}
        # Another request was faster: it has cancelled or packed the order.
        found = self._placed(customer, order)
        if found["status"] != CANCELLED:
            raise _no_account(customer)
        return found

    def _placed(self, customer: str, order: str) -> Item:
        """Return an order that can be cancelled or is."""
        found = self._get(order_key(customer, order))
        if found is None:
            raise RequestError("order", repr(order), "an order of this customer")
        if found["status"] not in (PLACED, CANCELLED):
            raise RequestError("order", f"{order!r}, which is {found['status']}", f"one that is {PLACED}")
        return found

    def _existing(self, item: Item) -> Item:
        """Return the order that was placed before, if it is the same, or say why this one cannot be."""
        found = self._get(item)
        if found is not None:
            if any(found.get(name) != item[name] for name in ("email", "lines", "prices")):
                raise RequestError("order", repr(item["record"].removeprefix(ORDER)), "the id of no other order")
            return found
        account = self._get(account_key(item["customer"]))
        if account is None:
            raise _no_account(item["customer"])
        raise RequestError("lines", f"{item['total']:.2f} in total", f"the customer's credit, {account['credit']:.2f}")

    def _get(self, key: Item) -> Item | None:
        key = {name: key[name] for name in ("customer", "record")}
        answer = self.client.get_item(TableName=self.table, Key=to_stored(key), ConsistentRead=True)
        return from_stored(answer["Item"]) if "Item" in answer else None


def _no_account(customer: str) -> RequestError:
    return RequestError("customer", repr(customer), "a customer with an account")


def now() -> str:
    """Return the time in UTC, so that its order is that of the text."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _new(order: Order) -> Item:
    moment = now()
    return {
        **order_key(order.customer, order.order),
        "status": PLACED,
        "placed_at": moment,
        "changed_at": moment,
        "email": order.email,
        # Apart from each other, so that a role can be given one without the other.
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in order.lines],
        "prices": {line.sku: line.price for line in order.lines},
        "total": order.total,
    }
