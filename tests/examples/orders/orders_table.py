"""The order service's table in moto, a model of DynamoDB that runs in this process."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]
from moto import mock_aws

from examples.orders.service.items import account_key, from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = "orders"
REGION = "eu-central-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",  # pragma: allowlist secret
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": REGION,
}
# Shared, because it reads AWS's descriptions of the service.
_SESSION = Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="none", region_name=REGION)  # noqa: S106


@contextmanager
def table(*credits_: tuple[str, str]) -> Iterator[Any]:
    """Yield a client for a table in which these customers have these credits."""
    with mock_aws():
        client = _SESSION.client("dynamodb")
        names = ("customer", "record", "status", "placed_at")
        client.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=keys("customer", "record"),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-status",
                    "KeySchema": keys("status", "placed_at"),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        for customer, credit in credits_:
            item = to_stored({**account_key(customer), "credit": Decimal(credit)})
            client.put_item(TableName=TABLE, Item=item)
        yield client


def keys(partition: str, sort: str) -> list[dict[str, str]]:
    """Return a key schema."""
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def items(client: Any) -> list[dict[str, Any]]:
    """Return all items of the table."""
    return [from_stored(item) for item in client.scan(TableName=TABLE)["Items"]]


def credit(client: Any, customer: str) -> Decimal:
    """Return what is left of a customer's credit."""
    answer = client.get_item(TableName=TABLE, Key=to_stored(account_key(customer)))
    return Decimal(from_stored(answer["Item"])["credit"])
