"""How things become text: plain ASCII, so that whoever writes items cannot end a line or a string."""

from __future__ import annotations

import json
from binascii import b2a_base64
from json.encoder import encode_basestring_ascii

_URL_SAFE = bytes.maketrans(b"+/", b"-_")

quoted = encode_basestring_ascii
"""Return a text as JSON. Anything but a text is a TypeError."""

to_json = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


def url_safe(digest: bytes) -> str:
    """Return the 32 bytes of a digest in URL-safe base64 without padding."""
    return b2a_base64(digest)[:43].translate(_URL_SAFE).decode()
