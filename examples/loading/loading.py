"""Loads items into a table: checked as a whole, compared with the table, written, and verified.

BatchWriteItem has no conditions and overwrites items, so the table is read first. No other writer may change these
items meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from examples.loading.formats import read_items
from examples.loading.values import RefusedError, same
from examples.unprocessed import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from examples.loading.sources import DataFile
    from examples.loading.table_keys import Key, TableKeys
    from examples.loading.values import Item

    Advance = Callable[[int], None]

_MOST_WRITTEN = 25
_MOST_READ = 100


class Place(NamedTuple):
    """Where an item stands."""

    file: str
    line: int

    def __str__(self) -> str:
        """Return it as compilers do, so that editors open it."""
        return f"{self.file}:{self.line}"


class Refused(NamedTuple):
    """An item that is not loaded, and why. It has no values."""

    place: Place | str
    field: str
    reason: str

    def __str__(self) -> str:
        """Return all of it in one line."""
        return f"{self.place}: {self.field}: {self.reason}"


@dataclass
class Loading:
    """Items on their way into a table. The keys of all are kept in memory, the items are not.

    Attributes:
        files: Where they come from. Each is read once for each step.
        client: A client of boto3 for DynamoDB.
        table: Name of the table.
        keys: Its keys.
        patience: How long to wait for what DynamoDB leaves unprocessed.
        count: Their number, known after `refused`.
        there: Keys of items that the table already had, known after `conflicts`.
        written: The number of written items.
    """

    files: Sequence[DataFile]
    client: Any
    table: str
    keys: TableKeys
    patience: Patience = field(default_factory=Patience)
    count: int = 0
    there: set[Key] = field(default_factory=set)
    written: int = 0

    def refused(self) -> Iterator[Refused]:
        """Check every item of every file.

        Raises:
            SourceError: A file cannot be read.
        """
        seen: dict[Key, Place] = {}
        for file in self.files:
            in_file = 0
            for place, found in self._read(file):
                in_file += 1
                try:
                    item = self._checked(found)
                except RefusedError as error:
                    yield Refused(place, error.field, error.reason)
                    continue
                first = seen.setdefault(self.keys.identity(item), place)
                if first is not place:
                    # BatchWriteItem refuses a batch with a key twice, and in two batches the last would win.
                    yield Refused(place, f"$.{self.keys.names[-1]}", f"{first} has the same key")
            if file.items is not None and in_file != file.items:
                yield Refused(file.name, "$", f"{in_file:,} items; by the manifest of the export it has {file.items:,}")
            self.count += in_file

    def conflicts(self, advance: Advance) -> Iterator[Refused]:
        """Ask the table which items it has; those with other values are conflicts.

        Raises:
            SourceError: A file cannot be read.
            UnprocessedError: DynamoDB does not answer.
            botocore.exceptions.ClientError: It refuses a request.
        """
        for batch, there in self._compared(advance):
            self.there.update(there)
            for place, item in batch:
                stored = there.get(self.keys.identity(item))
                if stored is not None and not same(stored, item):
                    yield Refused(place, "$", "the table has an item with this key and other values")

    def write(self, advance: Advance) -> None:
        """Write the items that the table did not have.

        Raises:
            SourceError: A file cannot be read.
            UnprocessedError: DynamoDB does not take the rest.
            botocore.exceptions.ClientError: It refuses a request.
        """
        missing = (item for _, item in self._items() if self.keys.identity(item) not in self.there)
        while puts := [{"PutRequest": {"Item": item}} for item in islice(missing, _MOST_WRITTEN)]:
            for done, _ in self.patience.repeat(self._put, puts):
                self.written += done
                advance(done)

    def differences(self, advance: Advance) -> Iterator[Refused]:
        """Read every item back; yield those that differ from the loaded ones.

        Raises:
            As `conflicts`.
        """
        for batch, there in self._compared(advance):
            for place, item in batch:
                stored = there.get(self.keys.identity(item))
                if stored is None:
                    yield Refused(place, "$", "the table does not have the item")
                elif not same(stored, item):
                    yield Refused(place, "$", "the table has other values")

    def _items(self) -> Iterator[tuple[Place, Item]]:
        for file in self.files:
            for place, found in self._read(file):
                yield place, self._checked(found)

    def _read(self, file: DataFile) -> Iterator[tuple[Place, object]]:
        with file.open() as data:
            for line, found in read_items(file.name, data, self.keys):
                yield Place(file.name, line), found

    def _checked(self, found: object) -> Item:
        if isinstance(found, RefusedError):
            raise found
        return self.keys.check(found)

    def _compared(self, advance: Advance) -> Iterator[tuple[list[tuple[Place, Item]], dict[Key, Item]]]:
        items = self._items()
        while batch := list(islice(items, _MOST_READ)):
            keys = [self.keys.key(item) for _, item in batch]
            there: dict[Key, Item] = {}
            for done, stored in self.patience.repeat(self._get, keys):
                there.update(self._by_key(stored))
                advance(done)
            yield batch, there

    def _by_key(self, items: Iterable[Item]) -> dict[Key, Item]:
        return {self.keys.identity(item): item for item in items}

    def _put(self, puts: list[Any]) -> tuple[list[Any], list[Any]]:
        answer = self.client.batch_write_item(RequestItems={self.table: puts})
        return [], answer.get("UnprocessedItems", {}).get(self.table, [])

    def _get(self, keys: list[Any]) -> tuple[list[Any], list[Any]]:
        answer = self.client.batch_get_item(RequestItems={self.table: {"Keys": keys, "ConsistentRead": True}})
        left = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
        return answer["Responses"].get(self.table, []), left
