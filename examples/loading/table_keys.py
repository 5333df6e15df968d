"""The keys of a table and its indexes, and whether an item has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from examples.loading.values import RefusedError, attributes, comparable, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from examples.loading.values import Item

    Key = tuple[Any, ...]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_LARGEST_ITEM = 400 * 1024
_LARGEST_PARTITION_KEY, _LARGEST_SORT_KEY = 2048, 1024


@dataclass(frozen=True)
class TableKeys:
    """The keys of a table and of its indexes.

    Attributes:
        names: The partition key of the table, and its sort key if it has one.
        types: Each key attribute of the table and its indexes to its type: S, N or B.
    """

    names: tuple[str, ...]
    types: Mapping[str, str]

    @classmethod
    def of(cls, client: Any, table: str) -> TableKeys:
        """Ask DynamoDB for the keys of a table.

        Raises:
            botocore.exceptions.ClientError: It cannot be asked.
        """
        described = client.describe_table(TableName=table)["Table"]
        roles = {each["KeyType"]: each["AttributeName"] for each in described["KeySchema"]}
        types = {each["AttributeName"]: each["AttributeType"] for each in described["AttributeDefinitions"]}
        return cls(tuple(roles[role] for role in ("HASH", "RANGE") if role in roles), types)

    def check(self, item: object) -> Item:
        """Return an item of JSON as boto3 sends it.

        Raises:
            RefusedError: DynamoDB would not take it into this table.
        """
        if not isinstance(item, dict):
            raise RefusedError("$", "not an item")
        sent = attributes("$", item)
        for name, largest in zip(self.names, (_LARGEST_PARTITION_KEY, _LARGEST_SORT_KEY), strict=False):
            if name not in sent:
                raise RefusedError(f"$.{name}", "missing, and a key of the table")
            if size(sent[name]) > largest:
                raise RefusedError(f"$.{name}", f"more than {largest:,} bytes, which a key may have")
        for name, kind in self.types.items():
            self._check_key(sent, name, kind)
        # The outer map is the item itself, which has no bytes of its own.
        if sum(len(name.encode()) + size(value) for name, value in sent.items()) > _LARGEST_ITEM:
            raise RefusedError("$", "more than 400 KB")
        return sent

    @staticmethod
    def _check_key(sent: Item, name: str, kind: str) -> None:
        if name not in sent:
            return
        ((of, held),) = sent[name].items()
        if of != kind:
            raise RefusedError(f"$.{name}", f"{of}; as a key of the table or an index it is {kind}")
        if kind in {"S", "B"} and not held:
            raise RefusedError(f"$.{name}", "empty, and a key of the table or an index")

    def key(self, item: Item) -> Item:
        """Return the key of an item, as requests have it."""
        return {name: item[name] for name in self.names}

    def identity(self, item: Item) -> Key:
        """Return the key that identifies an item."""
        return tuple(comparable(item[name]) for name in self.names)
