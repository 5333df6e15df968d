"""Writes changes at random, with a seed, and says what DynamoDB made of them."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.table import Table

# What one request takes.
_REQUEST = 25
_ITEMS = 500
_DELETED = 0.25
_POISONED = 1 / 400
# Six characters each in a line, and with them more than a line may have, if the attribute is allowed to be logged.
POISON = "note"
_TOO_LONG = "\x01" * 45_000


class Writer:
    """Puts, updates and deletes items of a table."""

    def __init__(self, table: Table, seed: int) -> None:
        """Begin a sequence of changes, which is always the same for a seed."""
        self._table = table
        self._random = Random(seed)  # noqa: S311 - has to repeat itself
        self._existing: set[int] = set()
        self.written = 0

    def write(self, count: int) -> None:
        """Make as many changes; each is one, as none writes what is there already."""
        client, name = self._table.client("dynamodb"), self._table.name
        for begin in range(0, count, _REQUEST):
            chosen = self._random.sample(range(_ITEMS), min(_REQUEST, count - begin))
            answer = client.batch_write_item(RequestItems={name: [self._request(number) for number in chosen]})
            assert not answer["UnprocessedItems"]

    def _request(self, number: int) -> dict[str, Any]:
        self.written += 1
        key = {"pk": {"S": f"item {number}"}}
        if number in self._existing and self._random.random() < _DELETED:
            self._existing.remove(number)
            return {"DeleteRequest": {"Key": key}}
        self._existing.add(number)
        item = {**key, "version": {"N": str(self.written)}, "status": {"S": "x" * self._random.randrange(20)}}
        if self._random.random() < _POISONED:
            item[POISON] = {"S": _TOO_LONG}
        return {"PutRequest": {"Item": item}}


def changes_in_stream(table: Table) -> Iterator[dict[str, Any]]:
    """Yield the records of the table's stream, from its beginning."""
    client, stream = table.client("dynamodbstreams"), table.description()["LatestStreamArn"]
    (shard,) = client.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    position = client.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    while (page := client.get_records(ShardIterator=position))["Records"]:
        yield from page["Records"]
        position = page["NextShardIterator"]
