"""Digests by which encrypted attributes are found: equal values have equal ones, and so have a few others."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from examples.client_side_encryption.client.values import canonical

if TYPE_CHECKING:
    from examples.client_side_encryption.client.declaration import Declaration

_SHA256_BITS = 256


def digest(key: bytes, declaration: Declaration, attribute: str, value: dict[str, Any]) -> str:
    """Return the first bits of the HMAC-SHA256 of a typed value, as hexadecimal text."""
    bits = declaration.digests[attribute]
    # As JSON, because a mere join could take two attributes for the same.
    text = json.dumps([declaration.table, attribute, canonical(value)])
    mac = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return format(int.from_bytes(mac) >> (_SHA256_BITS - bits), f"0{-(-bits // 4)}x")
