"""Reads and writes of several items that happen together or not at all."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_TRIES = 6
_FIRST_PAUSE = 0.05


def write_together(client: Any, *writes: dict[str, Any]) -> bool:
    """Write all or nothing; return whether the conditions of all writes held.

    boto3 adds a token to each request, by which DynamoDB knows it again if boto3 has to repeat it.

    Raises:
        botocore.exceptions.ClientError: DynamoDB refuses for another reason, or other transactions do not end.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """
    try:
        _repeat(client, lambda: client.transact_write_items(TransactItems=list(writes)))
    except client.exceptions.TransactionCanceledException as error:
        if "ConditionalCheckFailed" in _codes(error):
            return False
        raise
    return True


def read_together(client: Any, *reads: dict[str, Any]) -> list[dict[str, Any]]:
    """Return items as of one moment; one that is not there is empty.

    Raises:
        botocore.exceptions.ClientError: DynamoDB refuses, or other transactions do not end.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
    """
    gets = [{"Get": read} for read in reads]
    answer = _repeat(client, lambda: client.transact_get_items(TransactItems=gets))
    return [each.get("Item", {}) for each in answer["Responses"]]


def write_one(client: Any, **update: Any) -> None:
    """Update an item that transactions of others write, too: DynamoDB refuses an update in the middle of one.

    Raises:
        botocore.exceptions.ClientError: The condition does not hold, DynamoDB refuses, or transactions do not end.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
    """
    _repeat(client, lambda: client.update_item(**update))


def _repeat(client: Any, request: Callable[[], Any]) -> Any:
    """Send a request, and a few times again if it meets another transaction on the same item."""
    for attempt in range(1, _TRIES):
        try:
            return request()
        except client.exceptions.TransactionConflictException:
            pass
        except client.exceptions.TransactionCanceledException as error:
            if "ConditionalCheckFailed" in _codes(error) or "TransactionConflict" not in _codes(error):
                raise
        time.sleep(random.uniform(0, _FIRST_PAUSE * 2**attempt))  # noqa: S311 - only spreads the attempts
    return request()


def _codes(error: Any) -> set[str]:
    return {reason.get("Code", "") for reason in error.response.get("CancellationReasons", ())}
