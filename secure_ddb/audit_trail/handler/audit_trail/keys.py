"""How the key of an item is logged: as a digest or, where the table's owner has allowed it, in clear."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from .text import quoted, url_safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Key = dict[str, dict[str, Any]]
    WriteKey = Callable[[Key], str]

# DynamoDB has no other types of key attributes.
_TYPES = frozenset("SNB")

_BLOCK = 64
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))


def key_digest(secret: bytes) -> WriteKey:
    """Return what writes the HMAC-SHA256 of a key under a secret of at most 64 bytes.

    What is hashed is the field `keys` that there would be instead. This is `hmac.digest(secret, text, "sha256")` at a
    third of its cost: both hashes have taken the secret in already, and are copied for each key.
    """
    if not 0 < len(secret) <= _BLOCK:
        raise ValueError("The secret does not have 1 to 64 bytes")
    block = secret.ljust(_BLOCK, b"\0")
    inner_keyed = sha256(block.translate(_INNER_PAD))
    outer_keyed = sha256(block.translate(_OUTER_PAD))

    def write(key: Key) -> str:
        inner = inner_keyed.copy()
        inner.update(_to_json(key).encode())
        outer = outer_keyed.copy()
        outer.update(inner.digest())
        return f'"key":"{url_safe(outer.digest())}"'

    return write


def digest_per_table(secret: bytes) -> Callable[[str], WriteKey]:
    """Return what gives each table a digest of its own, so that digests do not tell that tables have an item in common.

    A table's secret is the HMAC of its ARN, which is what the ARN of its stream begins with.
    """
    # Takes a millisecond to load, for which only shared functions wait.
    from hmac import digest  # noqa: PLC0415

    @lru_cache(maxsize=256)
    def write_key_of(stream_arn: str) -> WriteKey:
        table_arn, _, _ = stream_arn.partition("/stream/")
        return key_digest(digest(secret, table_arn.encode(), "sha256"))

    return write_key_of


def plain_keys(key: Key) -> str:
    """Write a key's attributes as they are."""
    return f'"keys":{_to_json(key)}'


def _to_json(key: Key) -> str:
    """Return the same for the same key only, in whatever order its attributes come.

    Numbers and binary values stay as DynamoDB writes them, which is one way for each value.
    """
    attributes = ""
    for name in sorted(key):
        typed_value = key[name]
        (kind,) = typed_value
        if kind not in _TYPES:
            raise ValueError("A key attribute is neither a string, a number nor binary")
        attributes += f',{quoted(name)}:{{"{kind}":{quoted(typed_value[kind])}}}'
    if not attributes:
        raise ValueError("A record has no key")
    return f"{{{attributes[1:]}}}"
