"""The messages whose MACs AWS KMS computes under the table's HMAC key.

None begins like another, so a MAC of one kind never serves as one of another kind.
"""

from __future__ import annotations

# Every environment of every version has to ask for the MAC of the same text, or an item's digest would change.
KEY_DIGESTS = b"secure_ddb audit key digest 1"
"""Its MAC is the secret of key digests, which is never written."""

_LINK = b"secure_ddb audit link 1\n"


def link_message(link: str) -> bytes:
    """Return the message whose MAC shows that the audit function wrote the line with this link."""
    return _LINK + link.encode()
