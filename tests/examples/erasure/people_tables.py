"""Two tables with items of persons in moto, a model of DynamoDB that runs in this process."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CUSTOMERS, ORDERS, BY_PERSON = "customers", "orders", "by-person"
REGION = "eu-central-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",  # pragma: allowlist secret
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": REGION,
}
# Shared, because it reads AWS's descriptions of the service.
_SESSION = Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="none", region_name=REGION)  # noqa: S106


@contextmanager
def tables() -> Iterator[Any]:
    """Yield a client for the tables: customers by person, orders with an index by person."""
    with mock_aws():
        client = _SESSION.client("dynamodb")
        _create(client, CUSTOMERS, _keys("person", "record"))
        index = {"IndexName": BY_PERSON, "KeySchema": _keys("person"), "Projection": {"ProjectionType": "KEYS_ONLY"}}
        _create(client, ORDERS, _keys("order"), person="S", GlobalSecondaryIndexes=[index])
        yield client


def _keys(partition: str, sort: str = "") -> list[dict[str, str]]:
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": sort, "KeyType": "RANGE"}] if sort else keys


def _create(client: Any, name: str, keys: list[dict[str, str]], person: str = "", **other: Any) -> None:
    names = {each["AttributeName"] for each in keys} | ({"person"} if person else set())
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in sorted(names)],
        KeySchema=keys,
        BillingMode="PAY_PER_REQUEST",
        **other,
    )


def fill(client: Any, person: str, count: int, size: int = 10) -> None:
    """Write items of a person to both tables."""
    for number in range(count):
        value = {"value": {"S": "x" * size}}
        client.put_item(TableName=CUSTOMERS, Item={"person": {"S": person}, "record": {"S": f"r-{number}"}, **value})
        client.put_item(TableName=ORDERS, Item={"order": {"S": f"{person}-{number}"}, "person": {"S": person}, **value})


def left(client: Any, table: str) -> list[str]:
    """Return the persons whose items a table has."""
    return sorted(item["person"]["S"] for item in client.scan(TableName=table)["Items"])


class Recorded:
    """A client whose writes and queries are noted, and pass through a function that may do something else first."""

    def __init__(self, client: Any, before: Callable[[str, dict[str, Any]], None] | None = None) -> None:
        """Take the client, and what to do before a request."""
        self._client, self._before = client, before
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        """Return a method that notes its request."""
        method = getattr(self._client, name)
        if name not in {"update_item", "delete_item", "put_item"}:
            return method

        def send(**request: Any) -> Any:
            if self._before is not None:
                self._before(name, request)
            self.requests.append((name, request))
            return method(**request)

        return send
