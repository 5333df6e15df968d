"""The items of both tables, and the parts of requests that name them.

The vault has, for each person, an item `person` and one for each value. The table of references has tokens, the MACs
by which reusable tokens are found, the records of who got a value, and the counts of requests.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer  # type: ignore[import-untyped]

Item = dict[str, Any]
Key = dict[str, str]

ONE_TIME, EXPIRING, REUSABLE = "one-time", "expiring", "reusable"
# The partition keys of records and counts, which policies name; no token has a `#`.
RECORDS, COUNTS = "record#", "count#"
VALUE = "value#"

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Tables:
    """The two tables.

    Attributes:
        client: A client of boto3 for DynamoDB.
        vault: Name of the table of values.
        references: Name of the table of tokens.
    """

    client: Any
    vault: str
    references: str

    def read(self, table: str, key: Key, *names: str) -> Item | None:
        """Read some attributes of an item, or None if there is no such item."""
        answer = self.client.get_item(Key=to_stored(key), ConsistentRead=True, **selection(table, *names))
        return from_stored(answer["Item"]) if "Item" in answer else None


def person_key(person: str) -> Key:
    """Return the key of a person's data in the vault."""
    return {"person": person, "record": "person"}


def value_key(person: str, value_id: str) -> Key:
    """Return the key of a value."""
    return {"person": person, "record": f"{VALUE}{value_id}"}


def token_key(token: str) -> Key:
    """Return the key of a token."""
    return {"reference": token, "record": "token"}


def mac_key(mac: str) -> Key:
    """Return the key by which a reusable token is found."""
    return {"reference": f"mac#{mac}", "record": "mac"}


def selection(table: str, *names: str) -> dict[str, Any]:
    """Return the projection of some attributes; a grant that is limited to attributes allows nothing else."""
    return {
        "TableName": table,
        "ProjectionExpression": ", ".join(f"#{name}" for name in names),
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
    }


def update(table: str, key: Key, values: Item, condition: str) -> dict[str, Any]:
    """Return an update that sets attributes under a condition.

    Args:
        table: Name of the table.
        key: Of the item.
        values: Values to set; None is omitted.
        condition: Names attributes of key and values with `#`, and values with `:`.
    """
    values = {name: value for name, value in values.items() if value is not None}
    names = [*values, *(name for name in key if f"#{name}" in condition)]
    return {
        "TableName": table,
        "Key": to_stored(key),
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
        "ExpressionAttributeValues": to_stored({f":{name}": value for name, value in values.items()}),
    }


def to_stored(item: Item) -> dict[str, Any]:
    """Return an item as requests carry it."""
    return {name: _serialize(value) for name, value in item.items()}


def from_stored(item: dict[str, Any]) -> Item:
    """Return an item of an answer."""
    values = {name: _deserialize(value) for name, value in item.items()}
    return {name: value.value if isinstance(value, Binary) else value for name, value in values.items()}


def seconds() -> int:
    """Return the time in seconds since 1970, as time to live takes it."""
    return int(time.time())


def written(moment: int) -> str:
    """Return a time as text, in UTC, so that its order is that of the text."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
