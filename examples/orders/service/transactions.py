"""Writes that happen together or not at all."""

from __future__ import annotations

import random
import time
from typing import Any

_TRIES = 4
_FIRST_PAUSE = 0.05


def write_together(client: Any, *writes: dict[str, Any]) -> bool:
    """Write all or nothing; return whether the conditions of all writes held.

    boto3 adds a token to each request, by which DynamoDB knows it again if boto3 has to repeat it.
    A transaction that met another one on the same item is tried again, a few times.

    Raises:
        botocore.exceptions.ClientError: DynamoDB refuses for another reason, or the other transactions do not end.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """
    attempt = 0
    while True:
        try:
            client.transact_write_items(TransactItems=list(writes))
        except client.exceptions.TransactionCanceledException as error:
            codes = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
            if "ConditionalCheckFailed" in codes:
                return False
            attempt += 1
            if "TransactionConflict" not in codes or attempt == _TRIES:
                raise
            time.sleep(random.uniform(0, _FIRST_PAUSE * 2**attempt))  # noqa: S311 - only spreads the attempts
        else:
            return True
