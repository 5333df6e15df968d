"""Measures what client-side encryption costs an item: processor time, bytes and requests, beside plain boto3.

Run with `python -m benchmarks.client_side_encryption [--quick]`. Requests are prepared and signed by boto3 but not
sent, so the way to DynamoDB, which is the same for both, does not count. Branch keys are cached, as in a client that
has run for a while. Times depend on the machine, so both take turns, and their ratio is what counts.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer  # type: ignore[import-untyped]
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]
from moto import mock_aws

from examples.client_side_encryption.application import open_keys, open_payroll
from examples.client_side_encryption.client.values import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from examples.client_side_encryption.client.table import EncryptedTable

KEY = {"company": "acme", "employee": "E-1"}
_SHORT = {"name": "Anna Schmidt", "iban": "DE89370400440532013000", "salary": 5200, "department": "Sales"}
# Name to item; the rest of it is in one encrypted attribute.
ITEMS: dict[str, dict[str, Any]] = {
    "0.1 KB": {**KEY, **_SHORT},
    "1 KB": {**KEY, **_SHORT, "notes": "n" * 900},
    "10 KB": {**KEY, **_SHORT, "notes": "n" * 9_900},
    "100 KB": {**KEY, **_SHORT, "notes": "n" * 99_900},
}
_SESSION = Session(aws_access_key_id="example", aws_secret_access_key="example", region_name="eu-central-1")  # noqa: S106


class _Body:
    """The body of an answer."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        """Return the bytes of the body."""
        return [self._content]


@dataclass
class OneItem:
    """A table of one item, which answers in place of DynamoDB.

    Attributes:
        client: A client of boto3 that asks it.
        requests: Number of requests.
        written: The item as it was last written, as DynamoDB's JSON.
    """

    client: Any = field(default_factory=lambda: _SESSION.client("dynamodb"))
    requests: int = 0
    written: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Answer the client."""
        self.client.meta.events.register("before-send", self._answer)

    def _answer(self, request: Any, **_: object) -> Any:  # noqa: ANN401 - of botocore
        self.requests += 1
        if request.headers["X-Amz-Target"].endswith(b"PutItem"):
            self.written = json.loads(request.body)["Item"]
            return AWSResponse(request.url, 200, {}, _Body(b"{}"))
        return AWSResponse(request.url, 200, {}, _Body(json.dumps({"Item": self.written}).encode()))


class Plain:
    """What an application does without encryption."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        """Use the client."""
        self._client, self._serializer, self._deserializer = client, TypeSerializer(), TypeDeserializer()

    def put(self, item: Mapping[str, Any]) -> None:
        """Write an item."""
        stored = {name: self._serializer.serialize(value) for name, value in item.items()}
        self._client.put_item(TableName="payroll", Item=stored)

    def get(self, key: Mapping[str, Any]) -> dict[str, Any]:
        """Read an item."""
        wanted = {name: self._serializer.serialize(value) for name, value in key.items()}
        found = self._client.get_item(TableName="payroll", Key=wanted, ConsistentRead=True)["Item"]
        return {name: self._deserializer.deserialize(value) for name, value in found.items()}


@dataclass(frozen=True)
class Cost:
    """What encryption costs for an item, as ratios to plain boto3.

    Attributes:
        put: Of the processor's time for writing.
        get: Of that for reading.
        size: Of the item's bytes.
        requests: Of the requests to DynamoDB.
    """

    put: float
    get: float
    size: float
    requests: float


def cost(item: Mapping[str, Any], rounds: int) -> Cost:
    """Measure an item, both ways in turns."""
    plain, sealed = OneItem(), OneItem()
    without = Plain(plain.client)
    table = encrypted(sealed)
    for each in (without, table):
        each.put(item)
        each.get(KEY)
    plain.requests = sealed.requests = 0
    put = _ratio(lambda: table.put(item), lambda: without.put(item), rounds)
    get = _ratio(lambda: table.get(KEY), lambda: without.get(KEY), rounds)
    size = _bytes(sealed.written) / _bytes(plain.written)
    return Cost(put=put, get=get, size=size, requests=sealed.requests / plain.requests)


def encrypted(answering: OneItem) -> EncryptedTable:
    """Return a table that encrypts and has its branch keys; AWS KMS and the key store were models of moto."""
    with mock_aws():
        dynamodb, kms = _SESSION.client("dynamodb"), _SESSION.client("kms")
        names = ("branch-key-id", "type")
        dynamodb.create_table(
            TableName="keys",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=[
                {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        root = kms.create_key()["KeyMetadata"]["Arn"]
        keys = open_keys(dynamodb, kms, table="keys", root_key_arn=root)
        keys.create("acme")
        table = open_payroll(answering.client, table="payroll", keys=keys)
        table._sealing.unseal(table._sealing.seal(ITEMS["0.1 KB"]))
    return table


def _ratio(one: Callable[[], object], other: Callable[[], object], rounds: int) -> float:
    return median(_seconds(one) / _seconds(other) for _ in range(rounds))


def _seconds(action: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(5):
        action()
    return time.process_time() - start


def _bytes(item: dict[str, Any]) -> int:
    """Return about the size by which DynamoDB bills an item: names and values."""
    return sum(len(name) + _length(value) for name, value in item.items())


def _length(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "B":
        return len(base64.b64decode(content))
    return len(content.encode()) if isinstance(content, str) else len(canonical(value))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="rough numbers in some seconds")
    rounds = 5 if parser.parse_args().quick else 41
    print(f"Python {sys.version.split()[0]}. Ratios to plain boto3, without the network; medians of {rounds} rounds.\n")
    print(f"{'item':<8}{'put':>8}{'get':>8}{'bytes':>8}{'requests':>10}")
    for name, item in ITEMS.items():
        found = cost(item, rounds)
        print(f"{name:<8}{found.put:>8.1f}{found.get:>8.1f}{found.size:>8.2f}{found.requests:>10.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
