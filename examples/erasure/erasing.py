"""Erases one person's items from a table, by its partition key or that of an index.

Each item is marked with the id of the request before it is deleted. The audit trail shows the values of that attribute
in clear, so it has both changes of each item with the request's id, and nothing else of the person. An interruption
leaves items that the next run finds, and marks that are in the trail.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Key = dict[str, dict[str, Any]]

# The attribute that has the request's id.
ERASURE = "erasure"
# It stays in the audit trail, so it must not say who it is about.
REQUEST = re.compile(r"[A-Za-z0-9-]{1,64}")
_MOST_FRUITLESS = 10
_LONGEST_PAUSE = 20.0
_CHANGED = "ConditionalCheckFailedException"


class ErasureError(Exception):
    """Not everything could be erased; the message says where, and never who."""


@dataclass(frozen=True)
class Place:
    """Where a person's items are.

    Attributes:
        table: Name of the table.
        index: Name of the index whose partition key is the person; empty if the table's own is.
    """

    table: str
    index: str = ""

    def __str__(self) -> str:
        """Return it as commands take it."""
        return f"{self.table}/{self.index}" if self.index else self.table


@dataclass(frozen=True)
class Schema:
    """The keys that erasing needs.

    Attributes:
        keys: Key attributes of the table.
        person: The attribute that has the person.
        type: Its type: S, N or B.
    """

    keys: tuple[str, ...]
    person: str
    type: str

    @classmethod
    def of(cls, client: Any, place: Place) -> Schema:
        """Ask DynamoDB for the keys of a table and its index.

        Raises:
            ErasureError: The table has no such index.
            botocore.exceptions.ClientError: It cannot be asked.
        """
        described = client.describe_table(TableName=place.table)["Table"]
        schemas = {"": described["KeySchema"]} | {
            each["IndexName"]: each["KeySchema"] for each in described.get("GlobalSecondaryIndexes", [])
        }
        if place.index not in schemas:
            raise ErasureError(
                f"{place}: the table has no such global index; allowed: {', '.join(filter(None, schemas))}"
            )
        (person,) = (each["AttributeName"] for each in schemas[place.index] if each["KeyType"] == "HASH")
        types = {each["AttributeName"]: each["AttributeType"] for each in described["AttributeDefinitions"]}
        return cls(tuple(each["AttributeName"] for each in schemas[""]), person, types[person])


@dataclass
class Erasing:
    """One person's items of one place, on their way out.

    Attributes:
        client: A client of boto3 for DynamoDB.
        place: Where.
        schema: Its keys.
        person: The value of the partition key.
        request: The request's id.
        sleep: Waits for some seconds.
        erased: How many items this run has deleted.
    """

    client: Any
    place: Place
    schema: Schema
    person: str
    request: str
    sleep: Callable[[float], None] = time.sleep
    erased: int = 0

    def run(self) -> None:
        """Erase until no item is found.

        Items that appear or change meanwhile, and those that an index still names after they are deleted, are looked
        for again, after growing pauses.

        Raises:
            ErasureError: None of the found items could be erased for a long time.
            botocore.exceptions.ClientError: DynamoDB refuses a request.
        """
        fruitless = 0
        while keys := list(self._find()):
            before = self.erased
            marked = [key for key in keys if self._mark(key)]
            self.erased += sum(self._delete(key) for key in marked)
            if self.erased == before:
                fruitless += 1
                if fruitless == _MOST_FRUITLESS:
                    raise ErasureError(f"{self.place}: {len(keys):,} items are left that are written to meanwhile")
                self.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.1 * 2**fruitless)))  # noqa: S311 - only a pause
            else:
                fruitless = 0

    def _find(self) -> Iterator[Key]:
        """Yield the keys of the person's items, and read nothing else of them."""
        names = {f"#k{place}": name for place, name in enumerate(self.schema.keys)}
        query: dict[str, Any] = {
            "TableName": self.place.table,
            "KeyConditionExpression": "#person = :person",
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": {**names, "#person": self.schema.person},
            "ExpressionAttributeValues": {":person": {self.schema.type: self.person}},
            "Select": "SPECIFIC_ATTRIBUTES",
        }
        # An index has no consistent reads.
        query |= {"IndexName": self.place.index} if self.place.index else {"ConsistentRead": True}
        for page in self.client.get_paginator("query").paginate(**query):
            yield from page["Items"]

    def _mark(self, key: Key) -> bool:
        """Write the request's id to an item, unless it is gone; an update would make it again."""
        return self._done(
            self.client.update_item,
            Key=key,
            UpdateExpression="SET #erasure = :request",
            ConditionExpression="attribute_exists(#key)",
            ExpressionAttributeNames={"#erasure": ERASURE, "#key": self.schema.keys[0]},
            ExpressionAttributeValues={":request": {"S": self.request}},
        )

    def _delete(self, key: Key) -> bool:
        """Delete a marked item; one that was rewritten in the meantime has lost the mark."""
        return self._done(
            self.client.delete_item,
            Key=key,
            ConditionExpression="#erasure = :request",
            ExpressionAttributeNames={"#erasure": ERASURE},
            ExpressionAttributeValues={":request": {"S": self.request}},
        )

    def _done(self, write: Callable[..., object], **request: Any) -> bool:
        try:
            write(TableName=self.place.table, **request)
        except ClientError as error:
            if error.response["Error"]["Code"] != _CHANGED:
                raise
            return False
        return True
