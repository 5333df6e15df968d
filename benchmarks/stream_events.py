"""Events of a table's stream, as AWS Lambda passes them: orders of 400 bytes and of 4 KB."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    Item = dict[str, dict[str, Any]]

MIX = ("MODIFY", "MODIFY", "INSERT", "MODIFY", "MODIFY", "REMOVE", "MODIFY", "MODIFY", "INSERT", "MODIFY")
"""Of ten changes seven modify an item, two insert one and one removes one."""

SMALL = 400
LARGE = 4000

_LETTERS = "abcdefghijklmnopqrstuvwxyz     "
_ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/Orders/stream/2026-01-15T09:30:00.123"


def event_text(size: int, actions: Sequence[str]) -> str:
    """Return an event in JSON, with a record for each action, on items of a size in bytes."""
    random = Random(size)  # noqa: S311 - the same events in every run
    return json.dumps({"Records": [_record(random, size, number, action) for number, action in enumerate(actions)]})


def _record(random: Random, size: int, number: int, action: str) -> dict[str, Any]:
    before = _order(random, size, number)
    after = before | {
        "status": {"S": "delivered"},
        "updated_at": {"S": "2026-01-16T08:00:00.000Z"},
        "version": {"N": "18"},
    }
    images = {"INSERT": {"NewImage": after}, "REMOVE": {"OldImage": before}}
    return {
        "eventID": f"{random.getrandbits(128):032x}",
        "eventName": action,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1768469400,
            "Keys": {"pk": before["pk"], "sk": before["sk"]},
            **images.get(action, {"NewImage": after, "OldImage": before}),
            "SequenceNumber": str(5200000000047189201511001 + number),
            "SizeBytes": size,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": _ARN,
    }


def _order(random: Random, size: int, number: int) -> Item:
    order: Item = {
        "pk": {"S": f"CUSTOMER#{random.randrange(10**8):08}"},
        "sk": {"S": f"ORDER#2026-01-15#{number:06}"},
        "status": {"S": "shipped"},
        "total": {"N": "129.95"},
        "currency": {"S": "EUR"},
        "customer_name": _text(random, 24),
        "email": _text(random, 28),
        "created_at": {"S": "2026-01-15T09:30:00.123Z"},
        "updated_at": {"S": "2026-01-15T12:45:10.456Z"},
        "version": {"N": "17"},
        "gift": {"BOOL": False},
    }
    if size == LARGE:
        order |= _details(random)
    return order | {"note": _text(random, size - _size(order) - len("note"))}


def _details(random: Random) -> Item:
    names = ("carrier", "tracking_number", "payment_method", "payment_id", "channel", "language", "campaign", "agent")
    lines = [
        {
            "sku": _text(random, 12),
            "title": _text(random, 40),
            "quantity": {"N": "2"},
            "price": {"N": "19.99"},
        }
        for _ in range(10)
    ]
    return {
        "billing_address": _address(random),
        "delivery_address": _address(random),
        "lines": {"L": [{"M": line} for line in lines]},
        "tags": {"SS": ["express", "insured", "loyal"]},
        "signature": _text(random, 200),
        **{name: _text(random, 20) for name in names},
    }


def _address(random: Random) -> dict[str, Any]:
    return {"M": {name: _text(random, 18) for name in ("street", "city", "region", "postal_code", "country")}}


def _text(random: Random, length: int) -> dict[str, str]:
    return {"S": "".join(random.choices(_LETTERS, k=length))}


def _size(item: Item) -> int:
    """Return about what DynamoDB counts: names and values."""
    return sum(len(name) + _value_size(value) for name, value in item.items())


def _value_size(typed_value: dict[str, Any]) -> int:
    ((kind, value),) = typed_value.items()
    if kind == "M":
        return _size(value)
    if kind == "L":
        return sum(map(_value_size, value))
    return 1 if kind == "BOOL" else len("".join(value))
