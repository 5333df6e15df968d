"""Compares the items of two tables, for `secure-ddb compare-tables` (IR-6).

Items are read once and in pieces. Of the first table's only digests are kept, in a temporary file; where an item is
missing or different, its key is read again for the report.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.audit_trail.verify.events import temporary_database
from secure_ddb.incident.items import content_digest, digest, key_text
from secure_ddb.incident.scan import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from secure_ddb.incident.items import Item

MOST_NAMED = 100
_CACHE_KIB = 24_576
# Keys are kept as text only if they shall be shown.
_TABLES = """
    CREATE TABLE items (key BLOB PRIMARY KEY, content BLOB, shown TEXT) WITHOUT ROWID;
"""


class Kind(StrEnum):
    """How the tables differ in an item."""

    MISSING = "only in the first"
    EXTRA = "only in the second"
    DIFFERENT = "different"


class Difference(NamedTuple):
    """An item in which the tables differ: a digest of its key, or the key, if keys are to be shown."""

    kind: Kind
    item: str


@dataclass
class Comparison:
    """The result.

    Attributes:
        key: Attributes of the tables' keys.
        items: Items of the first table and of the second.
        equal: Items that are the same in both.
        counts: Differences of each kind.
        first: The first of each kind.
    """

    key: tuple[str, ...]
    items: list[int] = field(default_factory=lambda: [0, 0])
    equal: int = 0
    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    first: list[Difference] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether both tables have the same items."""
        return not any(self.counts.values())

    def add(self, kind: Kind, item: str) -> None:
        """Count a difference, and keep the first of its kind."""
        self.counts[kind] += 1
        if self.counts[kind] <= MOST_NAMED:
            self.first.append(Difference(kind, item))

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as it goes into JSON."""
        return {
            "equal": self.is_equal,
            "key": list(self.key),
            "items": {"first": self.items[0], "second": self.items[1], "equal": self.equal},
            "differences": {kind.value: count for kind, count in self.counts.items()},
            "first": [each._asdict() for each in self.first],
        }


class CannotCompareError(Exception):
    """The tables have different keys."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How tables are compared.

    Attributes:
        ignored: Attributes that may differ.
        segments: Scans of a table at a time.
        shows_keys: Whether keys are shown in clear. Otherwise digests are, which hold for one comparison only.
    """

    ignored: Collection[str] = ()
    segments: int = 4
    shows_keys: bool = False


def compare(
    tables: Any,  # noqa: ANN401 - boto3 has no types
    first: str,
    second: str,
    options: Options,
    advance: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Return how the items of two tables differ.

    Args:
        tables: Client of boto3 for DynamoDB.
        first: Name or ARN of a table.
        second: That of the other.
        options: How they are compared.
        advance: Called with the number of items read since the last call.

    Raises:
        CannotCompareError: The tables have different keys.
    """
    keys = [_key(tables, name) for name in (first, second)]
    if keys[0] != keys[1]:
        raise CannotCompareError(f"the key of {first} is {_named(keys[0])}, that of {second} {_named(keys[1])}")
    result = Comparison(tuple(name for name, _ in keys[0]))
    reader = _Reader(tables, result.key, options, advance)
    database = temporary_database(_TABLES, _CACHE_KIB)
    for key, content, shown in reader.read(first):
        database.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?)", (key, content, shown))
        result.items[0] += 1
    for key, content, shown in reader.read(second):
        result.items[1] += 1
        row = database.execute("SELECT content FROM items WHERE key = ?", (key,)).fetchone()
        if row is None:
            result.add(Kind.EXTRA, shown)
            continue
        database.execute("DELETE FROM items WHERE key = ?", (key,))
        if row[0] == content:
            result.equal += 1
        else:
            result.add(Kind.DIFFERENT, shown)
    for (shown,) in database.execute("SELECT shown FROM items ORDER BY key"):
        result.add(Kind.MISSING, shown)
    return result


class _Reader:
    """Reads items as digests."""

    def __init__(
        self,
        tables: Any,  # noqa: ANN401 - boto3 has no types
        key: Sequence[str],
        options: Options,
        advance: Callable[[int], None],
    ) -> None:
        self._tables, self._key, self._options, self._advance = tables, key, options, advance
        # Keys are often short, so readers of the report could guess them without it.
        self._secret = secrets.token_bytes(32)

    def read(self, table: str) -> Iterator[tuple[bytes, bytes, str]]:
        """Return for each item the digest of its key, the digest of its content, and its shown part."""
        for page in scan(self._tables, table, self._options.segments):
            yield from map(self._row, page)
            self._advance(len(page))

    def _row(self, item: Item) -> tuple[bytes, bytes, str]:
        text = key_text(item, self._key)
        of_key = digest(text, self._secret)
        shown = text if self._options.shows_keys else of_key.hex()
        return of_key, content_digest(item, self._options.ignored), shown


def _key(tables: Any, name: str) -> list[tuple[str, str]]:  # noqa: ANN401 - boto3 has no types
    """Return the attributes of a table's key, the partition key first, with their types."""
    table = tables.describe_table(TableName=name)["Table"]
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    schema = sorted(table["KeySchema"], key=lambda each: each["KeyType"])
    return [(each["AttributeName"], types[each["AttributeName"]]) for each in schema]


def _named(key: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in key)
