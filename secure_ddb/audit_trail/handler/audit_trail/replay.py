"""Finds the records in an object that AWS Lambda left in the failure bucket.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .change import Record


def read_failed(content: bytes) -> tuple[list[Record], Any]:
    """Return the records of an object and the shard that they came from.

    Raises:
        KeyError: It holds no records.
        ValueError: It is not JSON.
    """
    invocation = json.loads(content)
    payload = invocation["payload"]
    # AWS shows the event as JSON inside of a text.
    event = json.loads(payload) if isinstance(payload, str) else payload
    return event["Records"], invocation["DDBStreamBatchInfo"]["shardId"]
