"""Loads items into a table that may already have some of them, and verifies the result.

BatchWriteItem has no conditions and overwrites items, so the table is read first. No other writer may change these
items meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from examples.orders.items_file import key_of
from examples.unprocessed import UnprocessedError
from secure_ddb.cli.aws import in_one_sentence
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from examples.orders.batches import Batches
    from examples.orders.items_file import Key
    from examples.orders.service.items import Item

    Advance = Callable[[int], None]


class LoadError(Exception):
    """Not everything could be loaded; the message says what was, and what was not."""


@dataclass
class Load:
    """Items on their way into a table.

    Attributes:
        items: The items, each with a key of its own.
        batches: The table.
        written: Keys of the written items.
    """

    items: list[Item]
    batches: Batches
    written: set[Key] = field(default_factory=set)

    def missing(self, advance: Advance) -> list[Item]:
        """Return the items that the table does not have yet.

        Raises:
            LoadError: It has others with the same keys, or it cannot be asked.
        """
        there = self._read(advance)
        other = [item for item in self.items if key_of(item) in there and there[key_of(item)] != item]
        if other:
            raise LoadError(f"the table has other values for {self._named(other)}; nothing was written")
        return [item for item in self.items if key_of(item) not in there]

    def write(self, items: list[Item], advance: Advance) -> None:
        """Write items.

        Raises:
            LoadError: Not all of them could be written.
        """
        try:
            for keys in self.batches.write(items):
                self.written.update(keys)
                advance(len(keys))
        except (BotoCoreError, ClientError, UnprocessedError, KeyboardInterrupt) as error:
            left = [item for item in items if key_of(item) not in self.written]
            # Of the request that failed, DynamoDB may have written some.
            raise LoadError(
                f"{len(self.written):,} of {counted(len(items), 'item')} written; not written, or not known to be: "
                f"{self._named(left)} ({_reason(error)}). Run the command again to write the rest"
            ) from error

    def differences(self, advance: Advance) -> str:
        """Return the differences between table and file, in words, or nothing.

        Raises:
            LoadError: The table cannot be asked.
        """
        there = self._read(advance)
        missing = [item for item in self.items if key_of(item) not in there]
        other = [item for item in self.items if key_of(item) in there and there[key_of(item)] != item]
        said = [
            f"{self._named(items)} {problem}"
            for items, problem in ((missing, "not there"), (other, "with other values"))
            if items
        ]
        return "; ".join(said)

    def _read(self, advance: Advance) -> dict[Key, Item]:
        found: dict[Key, Item] = {}
        try:
            for done, items in self.batches.read([key_of(item) for item in self.items]):
                found.update({key_of(item): item for item in items})
                advance(done)
        except (BotoCoreError, ClientError, UnprocessedError) as error:
            raise LoadError(f"the table {self.batches.table} cannot be read: {_reason(error)}") from error
        return found

    def _named(self, items: Iterable[Item]) -> str:
        places = {key_of(item): place for place, item in enumerate(self.items)}
        named = in_ranges(places[key_of(item)] for item in items)
        return f"item {named}" if named.isdigit() else f"items {named}"


def in_ranges(places: Iterable[int]) -> str:
    """Return numbers in words, neighbours as ranges: `3, 7 to 9`."""
    ranges: list[list[int]] = []
    for place in sorted(places):
        if ranges and ranges[-1][1] == place - 1:
            ranges[-1][1] = place
        else:
            ranges.append([place, place])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in ranges)


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return in_one_sentence(error) if isinstance(error, Exception) else str(error)
