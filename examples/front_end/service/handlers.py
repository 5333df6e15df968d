"""Where AWS Lambda enters. A refused request is an answer; what else fails is a fault, and API Gateway's status 502."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from .contacts import FIELDS, RequestError, read_contact, read_customer

# Three attempts fit into the function's ten seconds.
_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request of API Gateway to read or write the contact of a customer."""
    try:
        customer = read_customer((event.get("pathParameters") or {}).get("customer"))
        if event["httpMethod"] == "PUT":
            return _answer(200, _write(customer, read_contact(event.get("body"))))
        return _answer(200, _find(customer))
    except RequestError as error:
        return _answer(error.status, {"error": {"field": error.field, "message": str(error)}})


def _write(customer: str, contact: dict[str, str]) -> dict[str, str]:
    # One request replaces the whole item, so that no contact is ever half old and half new.
    item = {"customer": customer, **contact}
    _client().put_item(TableName=os.environ["TABLE"], Item={name: {"S": value} for name, value in item.items()})
    return item


def _find(customer: str) -> dict[str, str]:
    found = _client().get_item(TableName=os.environ["TABLE"], Key={"customer": {"S": customer}}, ConsistentRead=True)
    if "Item" not in found:
        raise RequestError("customer", repr(customer), "a customer with a contact", status=404)
    return {name: found["Item"][name]["S"] for name in ("customer", *FIELDS) if name in found["Item"]}


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}


@cache
def _client() -> Any:
    return boto3.client("dynamodb", config=_CONFIG)
