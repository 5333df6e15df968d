"""Shows orders, and logs who saw which. A Lambda function with boto3 only."""

from __future__ import annotations

import os
from typing import Any

import boto3  # type: ignore[import-untyped]
from secure_ddb_reads import ReadLog

read_log = ReadLog.from_environment()
dynamodb = boto3.client("dynamodb")
read_log.watch(dynamodb)

TABLE = os.environ["TABLE"]


def get_order(user: str, key: dict[str, Any]) -> dict[str, Any] | None:
    """Return an order, which the log then says that this user has read."""
    with read_log.on_behalf_of(user):
        order: dict[str, Any] | None = dynamodb.get_item(TableName=TABLE, Key=key).get("Item")
    return order


def count_orders(user: str, customer: str) -> int:
    """Return how many orders a customer has, if there is such a customer."""
    # Two reads, and one request to CloudWatch Logs.
    with read_log.on_behalf_of(user), read_log.together():
        profile = dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": customer}, "sk": {"S": "profile"}})
        orders = dynamodb.query(
            TableName=TABLE,
            KeyConditionExpression="pk = :customer AND begins_with(sk, :order)",
            ExpressionAttributeValues={":customer": {"S": customer}, ":order": {"S": "order"}},
        )
    return len(orders["Items"]) if "Item" in profile else 0


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer `{"user": ..., "customer": ..., "order": ...}` with the order, or without `order` with their number."""
    user, customer = event["user"], event["customer"]
    if "order" in event:
        return {"order": get_order(user, {"pk": {"S": customer}, "sk": {"S": f"order#{event['order']}"}})}
    return {"orders": count_orders(user, customer)}
