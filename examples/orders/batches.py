"""Writes and reads many items. What DynamoDB leaves unprocessed is asked for again.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from examples.orders.items_file import key_of
from examples.orders.service.items import from_stored, to_stored
from examples.unprocessed import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from examples.orders.items_file import Key
    from examples.orders.service.items import Item
    from examples.unprocessed import Ask

MOST_WRITTEN = 25
MOST_READ = 100


@dataclass(frozen=True)
class Batches:
    """The items of a table, many at a time.

    Attributes:
        client: A client of boto3 for DynamoDB.
        table: Name of the table.
        sleep: Waits for some seconds.
        between: Returns a random number between two others.
    """

    client: Any
    table: str
    sleep: Callable[[float], None] = time.sleep
    between: Callable[[float, float], float] = random.uniform

    def write(self, items: Sequence[Item]) -> Iterator[list[Key]]:
        """Write items in place of those with the same keys, and yield the keys that each request has written.

        Raises:
            UnprocessedError: DynamoDB does not take the rest.
            botocore.exceptions.ClientError: It refuses a request.
        """
        for start in range(0, len(items), MOST_WRITTEN):
            puts = [{"PutRequest": {"Item": to_stored(item)}} for item in items[start : start + MOST_WRITTEN]]
            for _, keys in self._repeat(self._write, puts):
                yield keys

    def read(self, keys: Sequence[Key]) -> Iterator[tuple[int, list[Item]]]:
        """Read items as they are now; yield for each request how many keys it answers for, and the items it has found.

        Raises:
            UnprocessedError: DynamoDB does not answer for the rest.
            botocore.exceptions.ClientError: It refuses a request.
        """
        for start in range(0, len(keys), MOST_READ):
            batch = keys[start : start + MOST_READ]
            yield from self._repeat(
                self._read, [to_stored({"customer": customer, "record": record}) for customer, record in batch]
            )

    def _repeat(self, ask: Ask, asked: list[Any]) -> Iterator[tuple[int, list[Any]]]:
        return Patience(self.sleep, self.between).repeat(ask, asked)

    def _write(self, puts: list[Any]) -> tuple[list[Key], list[Any]]:
        answer = self.client.batch_write_item(RequestItems={self.table: puts})
        left = answer.get("UnprocessedItems", {}).get(self.table, [])
        waiting = {_key_of_put(put) for put in left}
        return [key for put in puts if (key := _key_of_put(put)) not in waiting], left

    def _read(self, keys: list[Any]) -> tuple[list[Item], list[Any]]:
        answer = self.client.batch_get_item(RequestItems={self.table: {"Keys": keys, "ConsistentRead": True}})
        found = [from_stored(item) for item in answer["Responses"].get(self.table, [])]
        return found, answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])


def _key_of_put(put: dict[str, Any]) -> Key:
    return key_of(from_stored(put["PutRequest"]["Item"]))
