"""A table whose items are sealed on the way in and unsealed on the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from examples.client_side_encryption.client.declaration import SEALED, digest_name, index_name
from examples.client_side_encryption.client.errors import AlteredItemError, ConflictError, FieldError
from examples.client_side_encryption.client.values import canonical, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from examples.client_side_encryption.client.sealing import Sealing, Stored


class EncryptedTable:
    """Reads and writes whole items. Every item that is returned has been verified."""

    def __init__(self, client: Any, name: str, sealing: Sealing) -> None:
        """Use a table through a client of boto3.

        Args:
            client: Client of DynamoDB.
            name: Name of the table.
            sealing: Seals its items.
        """
        self._client = client
        self._name = name
        self._sealing = sealing

    def put(self, item: Mapping[str, Any], *, is_new: bool = False) -> None:
        """Write an item, in place of one with the same key unless it has to be new.

        Raises:
            FieldError: An attribute cannot be accepted.
            ConflictError: It has to be new, and is there.
            KeyUnavailableError: The branch key cannot be had.
        """
        names = {"#key": self._sealing.declaration.partition_key}
        condition = {"ConditionExpression": "attribute_not_exists(#key)", "ExpressionAttributeNames": names}
        self._put(self._sealing.seal(item), condition if is_new else {})

    def get(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return an item, or None.

        Raises:
            FieldError: The key is not whole.
            AlteredItemError: The item is not as it was written.
            KeyUnavailableError: The branch key cannot be had.
        """
        stored = self._read(key)
        return self._sealing.unseal(stored) if stored else None

    def change(self, key: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        """Verify an item, write it with new values, and return it. None removes an attribute.

        Raises:
            FieldError: There is no such item, or an attribute cannot be accepted.
            AlteredItemError: The item is not as it was written.
            ConflictError: Another request changed it meanwhile.
            KeyUnavailableError: The branch key cannot be had.
        """
        stored = self._read(key)
        if stored is None:
            raise FieldError(self._sealing.declaration.sort_key, "unknown", "that of an item that is there")
        for name in self._sealing.declaration.key:
            if name in changes:
                raise FieldError(name, "part of the key", "other attributes")
        item = {**self._sealing.unseal(stored), **changes}
        item = {name: value for name, value in item.items() if name not in changes or value is not None}
        # Each sealing creates a different message, so an equal one means that no other write came between.
        condition = {
            "ConditionExpression": "#sealed = :sealed",
            "ExpressionAttributeNames": {"#sealed": SEALED},
            "ExpressionAttributeValues": {":sealed": stored[SEALED]},
        }
        self._put(self._sealing.seal(item), condition)
        return item

    def delete(self, key: Mapping[str, Any]) -> None:
        """Delete an item, if it is there.

        Raises:
            FieldError: The key is not whole.
        """
        self._client.delete_item(TableName=self._name, Key=self._sealing.key(key))

    def query(self, partition: str) -> Iterator[dict[str, Any]]:
        """Yield the items of a partition key.

        Raises:
            AlteredItemError: An item is not as it was written, or of another partition key.
            KeyUnavailableError: The branch key cannot be had.
        """
        names = {"#partition": self._sealing.declaration.partition_key}
        for stored in self._pages("#partition = :partition", names, {":partition": {"S": partition}}):
            yield self._of_partition(stored, partition)

    def search(self, attribute: str, value: Any, partition: str) -> Iterator[dict[str, Any]]:
        """Yield the items of a partition key that have a value in an encrypted attribute.

        The index is eventually consistent, as DynamoDB's are.

        Raises:
            FieldError: The attribute has no digest, or the value is none of DynamoDB.
            AlteredItemError: An item that was found is not as it was written.
            KeyUnavailableError: The branch key cannot be had.
        """
        declaration = self._sealing.declaration
        if attribute not in declaration.digests:
            raise FieldError(attribute, "not searchable", ", ".join(declaration.digests) or "none")
        wanted = typed(attribute, value)
        values = {":digest": {"S": self._sealing.digest(partition, attribute, wanted)}, ":partition": {"S": partition}}
        names = {"#digest": digest_name(attribute), "#partition": declaration.partition_key}
        condition = "#digest = :digest AND #partition = :partition"
        for stored in self._pages(condition, names, values, IndexName=index_name(attribute)):
            item = self._of_partition(stored, partition)
            # Digests are short, so other values have the same one.
            if attribute in item and canonical(typed(attribute, item[attribute])) == canonical(wanted):
                yield item

    def _put(self, stored: Stored, condition: Mapping[str, Any]) -> None:
        try:
            self._client.put_item(TableName=self._name, Item=stored, **condition)
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise ConflictError("another request wrote the item first") from error

    def _read(self, key: Mapping[str, Any]) -> Stored | None:
        wanted = self._sealing.key(key)
        stored: Stored | None = self._client.get_item(TableName=self._name, Key=wanted, ConsistentRead=True).get("Item")
        if stored and any(stored.get(name) != value for name, value in wanted.items()):
            raise AlteredItemError(self._sealing.declaration.sort_key, "is that of another item")
        return stored

    def _pages(
        self, condition: str, names: Mapping[str, str], values: Mapping[str, Any], **index: str
    ) -> Iterator[Stored]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            **index,
        )
        for page in pages:
            yield from page["Items"]

    def _of_partition(self, stored: Stored, partition: str) -> dict[str, Any]:
        name = self._sealing.declaration.partition_key
        if stored.get(name) != {"S": partition}:
            raise AlteredItemError(name, "is that of another item")
        return self._sealing.unseal(stored)
