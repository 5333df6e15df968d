"""The keys of items, as the audit trail writes them: DynamoDB's JSON, in clear or as digests."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from decimal import Context, Decimal
from typing import Any

Item = dict[str, dict[str, Any]]
Key = dict[str, dict[str, str]]

# The audit function asks for the MAC of the same text, so that both write the same digest of an item.
KEY_DIGESTS = b"secure_ddb audit key digest 1"

_ANY_NUMBER = Context(prec=200)


def key_of(item: Item, names: tuple[str, ...]) -> Key | None:
    """Return an item's key as DynamoDB's streams write it, or nothing if the item was returned without one."""
    if any(name not in item for name in names):
        return None
    return {name: _as_in_streams(item[name]) for name in sorted(names)}


def key_json(key: Key) -> str:
    """Return a key as compact JSON in ASCII, the same for the same item only."""
    return json.dumps(key, separators=(",", ":"), sort_keys=True)


def key_digest(secret: bytes, key: Key) -> str:
    """Return the digest of a key, in URL-safe base64 without padding."""
    digest = hmac.digest(secret, key_json(key).encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _as_in_streams(typed_value: dict[str, Any]) -> dict[str, str]:
    """Return a typed value of boto3 as streams write it: binary in base64, numbers without needless digits."""
    ((kind, value),) = typed_value.items()
    if kind == "B":
        # boto3 takes bytes, bytearrays, and its own class around either.
        return {kind: b64encode(bytes(getattr(value, "value", value))).decode()}
    return {kind: _number(value) if kind == "N" else str(value)}


def _number(text: str) -> str:
    """Return a number as DynamoDB returns it: leading and trailing zeros are trimmed, and no exponent is left."""
    number = _ANY_NUMBER.create_decimal(Decimal(text)).normalize(_ANY_NUMBER)
    return format(number, "f") if number else "0"
