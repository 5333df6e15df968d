"""The token service's tables in moto, a model of DynamoDB that runs in this process."""

from __future__ import annotations

import time
from contextlib import contextmanager
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]
from moto import mock_aws

from examples.tokenization.service.items import Tables, from_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VAULT, REFERENCES = "vault", "references"
# Shared, because it reads AWS's descriptions of the service.
_SESSION = Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="none", region_name="eu-central-1")  # noqa: S106


@contextmanager
def empty_tables() -> Iterator[Tables]:
    """Yield two empty tables."""
    with mock_aws():
        client = _SESSION.client("dynamodb")
        for table, partition in ((VAULT, "person"), (REFERENCES, "reference")):
            client.create_table(
                TableName=table,
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (partition, "record")],
                KeySchema=[
                    {"AttributeName": partition, "KeyType": "HASH"},
                    {"AttributeName": "record", "KeyType": "RANGE"},
                ],
                BillingMode="PAY_PER_REQUEST",
            )
        yield Tables(client, VAULT, REFERENCES)


def items(tables: Tables, table: str, prefix: str = "") -> list[dict[str, Any]]:
    """Return the items of a table whose partition key begins with a prefix."""
    found = [from_stored(item) for item in tables.client.scan(TableName=table)["Items"]]
    return [item for item in found if str(item.get("person" if table == VAULT else "reference")).startswith(prefix)]


def dangling(tables: Tables) -> list[str]:
    """Return what is there without its counterpart, in words."""
    vault, references = items(tables, VAULT), items(tables, REFERENCES)
    persons = {item["person"] for item in vault if item["record"] == "person"}
    values = {item["record"].removeprefix("value#"): item for item in vault if item["record"] != "person"}
    tokens = {item["reference"]: item for item in references if item["record"] == "token"}
    macs = {item["reference"].removeprefix("mac#"): item["token"] for item in references if item["record"] == "mac"}
    found = [
        f"value of {value['person']}, which has no item" for value in values.values() if value["person"] not in persons
    ]
    found += [f"{value['token']} is gone, its value not" for value in values.values() if value["token"] not in tokens]
    for token, item in tokens.items():
        value = values.get(item.get("value_id", ""))
        if value is None or value["token"] != token or value["person"] != item["person"]:
            found.append(f"{token} without its value")
        elif (item["kind"] == "reusable") != (macs.get(value.get("mac", "")) == token):
            found.append(f"{token}, which is {item['kind']}, and its MAC")
    return found + [f"MAC of {token}, which is gone" for token in macs.values() if token not in tokens]


class Crash(BaseException):
    """The function ends here."""


class _Client:
    """A client whose calls pass through a function; its errors are those of the client."""

    def __init__(self, client: Any, call: Callable[[Callable[[], Any]], Any]) -> None:
        self.exceptions = client.exceptions
        self._client, self._call = client, call

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)
        return lambda **arguments: self._call(lambda: method(**arguments))


def crashing(tables: Tables, at: int, *, is_done: bool) -> Tables:
    """Return the tables to a function that ends at one of its calls, by number, before or after the call is done."""
    calls = iter(range(at + 1))

    def call(send: Callable[[], Any]) -> Any:
        is_last = next(calls, None) == at
        if is_last and not is_done:
            raise Crash
        answer = send()
        if is_last:
            raise Crash
        return answer

    return Tables(_Client(tables.client, call), VAULT, REFERENCES)


def one_call_at_a_time(tables: Tables, seed: int) -> Tables:
    """Return the tables to threads whose calls take turns: moto's transactions do not keep threads apart."""
    lock, random = Lock(), Random(seed)  # noqa: S311 - only spreads the calls

    def call(send: Callable[[], Any]) -> Any:
        time.sleep(random.uniform(0, 0.003))
        with lock:
            return send()

    return Tables(_Client(tables.client, call), VAULT, REFERENCES)


def conflicting(tables: Tables, times: int) -> Tables:
    """Return the tables to a function whose first calls meet transactions of others, as updates of one item do."""
    calls = iter(range(times))

    def call(send: Callable[[], Any]) -> Any:
        if next(calls, None) is not None:
            raise tables.client.exceptions.TransactionConflictException({"Error": {}}, "UpdateItem")
        return send()

    return Tables(_Client(tables.client, call), VAULT, REFERENCES)
