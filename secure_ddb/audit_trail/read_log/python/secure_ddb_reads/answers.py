"""What DynamoDB's answers hold of tables: which keys were asked for, and which items came back.

Writes are among them, where DynamoDB returns what the item was.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .statements import read_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .keys import Item

    Fields = dict[str, Any]


class Part(NamedTuple):
    """What an answer holds of one table.

    Attributes:
        table: Name or ARN of the table, as the request has it; empty if nobody knows.
        asked: Keys that the request names.
        items: Items, or the attributes of them, that came back.
        number: How many items the answer is about, where it only counts them.
        index_name: Name of the index, or nothing.
    """

    table: str
    asked: list[Item]
    items: list[Item]
    number: int = 0
    index_name: str = ""


def parts_of(operation: str, request: Fields, answer: Fields) -> Iterator[Part]:
    """Return what an answer holds, also where it is an error that shows items; nothing of what returned nothing."""
    failed = "Error" in answer and operation not in _ALSO_FAILED
    return iter(()) if failed else _READERS[operation](request, answer)


def _get(request: Fields, answer: Fields) -> Iterator[Part]:
    yield Part(request["TableName"], [request["Key"]], [answer["Item"]] if "Item" in answer else [])


def _batch_get(request: Fields, answer: Fields) -> Iterator[Part]:
    unprocessed = answer.get("UnprocessedKeys", {})
    for table, wanted in request["RequestItems"].items():
        left = unprocessed.get(table, {}).get("Keys", [])
        asked = [key for key in wanted["Keys"] if key not in left]
        yield Part(table, asked, answer.get("Responses", {}).get(table, []))


def _transact_get(request: Fields, answer: Fields) -> Iterator[Part]:
    for each, response in zip(request["TransactItems"], answer.get("Responses", []), strict=True):
        yield Part(each["Get"]["TableName"], [each["Get"]["Key"]], [response["Item"]] if response.get("Item") else [])


def _search(request: Fields, answer: Fields) -> Iterator[Part]:
    yield Part(request["TableName"], [], answer.get("Items", []), answer["Count"], request.get("IndexName", ""))


def _write(request: Fields, answer: Fields) -> Iterator[Part]:
    """Read `Attributes` of a write, or `Item` of one whose condition failed."""
    found = answer.get("Attributes") or answer.get("Item")
    if found:
        # A put names no key; what came back has it.
        yield Part(request["TableName"], [request["Key"]] if "Key" in request else [], [found])


def _transact_write(request: Fields, answer: Fields) -> Iterator[Part]:
    for each, reason in zip(request["TransactItems"], answer.get("CancellationReasons", ()), strict=False):
        ((_, write),) = each.items()
        yield from _write(write, reason)


def _statement(request: Fields, answer: Fields) -> Iterator[Part]:
    yield from _of_statement(request["Statement"], answer.get("Items", []))


def _statements(field: str) -> Callable[[Fields, Fields], Iterator[Part]]:
    def read(request: Fields, answer: Fields) -> Iterator[Part]:
        for each, response in zip(request[field], answer.get("Responses", []), strict=True):
            found = response.get("Item") or response.get("Error", {}).get("Item")
            yield from _of_statement(each["Statement"], [found] if found else [], failed="Error" in response)

    return read


def _of_statement(text: str, items: list[Item], *, failed: bool = False) -> Iterator[Part]:
    statement = read_statement(text)
    if items or (statement.selects and not failed):
        yield Part(statement.table, [], items, len(items), statement.index_name)


_READERS: dict[str, Callable[[Fields, Fields], Iterator[Part]]] = {
    "GetItem": _get,
    "BatchGetItem": _batch_get,
    "TransactGetItems": _transact_get,
    "Query": _search,
    "Scan": _search,
    "ExecuteStatement": _statement,
    "BatchExecuteStatement": _statements("Statements"),
    "ExecuteTransaction": _statements("TransactStatements"),
    "PutItem": _write,
    "UpdateItem": _write,
    "DeleteItem": _write,
    "TransactWriteItems": _transact_write,
}
# Their errors can show the item that did not meet the condition.
_ALSO_FAILED = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")

OPERATIONS = frozenset(_READERS)
"""Requests that can return items. `audit_trail.verify.schema` names the same."""
