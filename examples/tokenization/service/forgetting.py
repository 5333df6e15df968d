"""A person's data is deleted: first all tokens of the person lose their meaning at once, then the items go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .items import VALUE, Tables, from_stored, mac_key, person_key, seconds, selection, to_stored, token_key, written
from .requests import RequestError
from .transactions import write_one, write_together

if TYPE_CHECKING:
    from .items import Item, Key

# So many transactions fit into the function's time.
PAGE = 50


@dataclass(frozen=True)
class Forgetting:
    """Deletes what the vault has of a person."""

    tables: Tables

    def forget(self, person: str) -> tuple[int, bool]:
        """Delete a page of a person's values with their tokens; return how many, and whether there are more.

        The first call makes all tokens of the person meaningless, and the person cannot get new ones. A call that
        ends half way leaves values that no caller can get; repeating the call continues.

        Raises:
            RequestError: The vault does not know the person.
        """
        self._end_tokens(person)
        answer = self.tables.client.query(
            KeyConditionExpression="#person = :person AND begins_with(#record, :value)",
            ExpressionAttributeValues=to_stored({":person": person, ":value": VALUE}),
            ConsistentRead=True,
            Limit=PAGE,
            **selection(self.tables.vault, "person", "record", "token", "mac"),
        )
        for item in answer["Items"]:
            self._delete(from_stored(item))
        return len(answer["Items"]), "LastEvaluatedKey" in answer

    def _end_tokens(self, person: str) -> None:
        """Mark the person, in one write, and delete the key without which MACs of the values are random."""
        try:
            write_one(
                self.tables.client,
                TableName=self.tables.vault,
                Key=to_stored(person_key(person)),
                UpdateExpression="SET forgotten_at = if_not_exists(forgotten_at, :now) REMOVE lookup_key",
                ConditionExpression="attribute_exists(person)",
                ExpressionAttributeValues=to_stored({":now": written(seconds())}),
            )
        except self.tables.client.exceptions.ConditionalCheckFailedException:
            raise RequestError("person", repr(person), "one that the vault knows") from None

    def _delete(self, value: Item) -> None:
        """Delete a value, its token and what that is found by. Items that are gone already do not matter."""
        references = self.tables.references
        deletes = [
            _delete(self.tables.vault, {"person": value["person"], "record": value["record"]}),
            _delete(references, token_key(value["token"])),
        ]
        if "mac" in value:
            deletes.append(_delete(references, mac_key(value["mac"])))
        write_together(self.tables.client, *deletes)


def _delete(table: str, key: Key) -> dict[str, Any]:
    return {"Delete": {"TableName": table, "Key": to_stored(key)}}
