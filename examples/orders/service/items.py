"""Items as Python's values and as DynamoDB's. Numbers are `Decimal`, so that no digit is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer  # type: ignore[import-untyped]

Item = dict[str, Any]
Stored = dict[str, dict[str, Any]]

ACCOUNT = "account"
ORDER = "order#"
PLACED, PACKED, SHIPPED, CANCELLED = "placed", "packed", "shipped", "cancelled"
# Attributes that are sums of money, or hold some.
_MONEY = {"prices", "total"}

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def order_key(customer: str, order: str) -> Item:
    """Return the key of an order."""
    return {"customer": customer, "record": f"{ORDER}{order}"}


def account_key(customer: str) -> Item:
    """Return the key of a customer's account, which says for how much they may still order."""
    return {"customer": customer, "record": ACCOUNT}


def to_stored(item: Item) -> Stored:
    """Return an item as requests carry it.

    Raises:
        decimal.DecimalException: A number has more than 38 digits or is too large for DynamoDB.
    """
    return {name: _serialize(value) for name, value in item.items()}


def from_stored(item: Stored) -> Item:
    """Return an item of an answer."""
    return {name: _deserialize(value) for name, value in item.items()}


def as_answer(item: Item) -> Item:
    """Return an order as JSON can carry it: money as text, and the order's id instead of its sort key."""
    fields = {name: _plain(value, is_money=name in _MONEY) for name, value in item.items() if name != "record"}
    return {"order": item["record"].removeprefix(ORDER), **fields}


def _plain(value: Any, *, is_money: bool) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}" if is_money else int(value)
    if isinstance(value, dict):
        return {name: _plain(each, is_money=is_money) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, is_money=is_money) for each in value]
    return value
