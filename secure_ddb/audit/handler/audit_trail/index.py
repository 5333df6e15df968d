"""What AWS Lambda runs: an event of the table's stream in, lines of the audit trail out.

Delivery is at least once: Lambda repeats records after a failure. Repeated lines share their `event_id`.
"""

from __future__ import annotations

import os
import sys
from functools import cache

from .batch import write_batch
from .settings import read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .settings import Settings

# Every environment of every version has to ask for the MAC of the same text, or an item's digest would change.
_MESSAGE = b"secure_ddb audit key digest 1"

_previous: str | None = None


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Write the changes of a batch, up to the first that cannot be written, and name that one to Lambda.

    Lambda tries again from there on. Records behind it wait, as the stream is ordered and so is the log.
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html

    Raises:
        ValueError: The failed record has no sequence number, so that Lambda has to repeat the whole batch.
    """
    global _previous  # noqa: PLW0603 - the log goes on where this environment stopped, whatever invoked it
    batch = write_batch(event["Records"], _settings(), event.get("shardId"), _previous)
    # Lambda makes each line a log event of its own.
    sys.stdout.write(batch.text)
    sys.stdout.flush()
    _previous = batch.link
    return {"batchItemFailures": [{"itemIdentifier": number} for number in batch.failed]}


@cache
def _settings() -> Settings:
    """Read the settings once. What fails is not remembered, so that the next invocation tries again."""
    return read_settings(os.environ, ask_secret)


def ask_secret(key_id: str) -> bytes:
    """Ask AWS KMS for the secret of key digests, which every environment of the table is told alike."""
    # Takes longer to load than everything else, and nobody needs it where keys are logged in clear.
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415

    answer = boto3.client("kms").generate_mac(KeyId=key_id, MacAlgorithm="HMAC_SHA_256", Message=_MESSAGE)
    secret: bytes = answer["Mac"]
    return secret
