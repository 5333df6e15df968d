"""The command `python -m benchmarks.read_log`: what logging a read costs, beside the read and beside a data event.

Nothing is sent: boto3 prepares and signs each request and parses an answer that is here already. So the times are the
processor's, without the network, where one request to CloudWatch Logs for each read comes on top.
"""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from secure_ddb.audit_trail.read_log.python.secure_ddb_reads import ReadLog, ReadLogSettings
from secure_ddb.cost.prices import load_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REGION = "eu-central-1"
GB = 1024**3
# What CloudWatch Logs counts for a log event beside its text.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
OVERHEAD = 26
_SETTINGS = ReadLogSettings("Orders", ("pk", "sk"), "Orders-ReadsLog", REGION, "the-hmac-key")
_SESSION = "arn:aws:sts::111122223333:assumed-role/OrderService-RoleA1B2C3D4/OrderService-ShowOrders1953FE37"
_READS = 60


@dataclass
class Answers:
    """Clients of boto3 whose requests are answered here.

    Attributes:
        items: What a read returns.
        bytes: What CloudWatch Logs was given, as it counts.
        lines: How many log events that were.
        requests: How many requests to CloudWatch Logs.
    """

    items: list[dict[str, Any]]
    bytes: int = 0
    lines: int = 0
    requests: int = 0
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client."""
        if service not in self._clients:
            session = boto3.Session(
                aws_access_key_id="example",
                aws_secret_access_key="example",  # noqa: S106 - signs what is not sent
                region_name=REGION,
            )
            self._clients[service] = session.client(service, config=Config(parameter_validation=False))
            self._clients[service].meta.events.register("before-send", self._answer)
        return self._clients[service]

    def _answer(self, request: Any, **_: object) -> Any:  # noqa: ANN401 - of botocore
        operation = str(request.headers["X-Amz-Target"], "ascii").partition(".")[2]
        if operation == "PutLogEvents":
            events = json.loads(request.body)["logEvents"]
            self.requests += 1
            self.lines += len(events)
            self.bytes += sum(len(event["message"]) + OVERHEAD for event in events)
        said: dict[str, Any] = {"GenerateMac": {"Mac": "bWFj"}}.get(operation, {})
        if operation == "GetItem":
            said = {"Item": self.items[0]}
        elif operation == "Query":
            said = {"Items": self.items, "Count": len(self.items), "ScannedCount": len(self.items)}
        headers = {"x-amzn-RequestId": "B3ICRJJ9T3Q4QHNF5V2J1BKN7BVV4KQNSO5AEMVJF66Q9ASUAAJG"}
        return AWSResponse(request.url, 200, headers, _Body(json.dumps(said).encode()))


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Sequence[bytes]:
        """Return the bytes of the body."""
        return [self._content]


def _item(number: int) -> dict[str, Any]:
    texts = {name: {"S": "x" * 40} for name in ("address", "buyer", "carrier", "note", "product", "state", "voucher")}
    return {"pk": {"S": "customer#4711"}, "sk": {"S": f"order#{number:06}"}, "total": {"N": "12.5"}, **texts}


def get(client: Any) -> object:  # noqa: ANN401 - boto3 makes its clients at run time
    """Read one item."""
    return client.get_item(TableName="Orders", Key={"pk": {"S": "customer#4711"}, "sk": {"S": "order#000000"}})


def query(client: Any) -> object:  # noqa: ANN401 - boto3 makes its clients at run time
    """Read the items of one partition key."""
    values = {":customer": {"S": "customer#4711"}}
    return client.query(TableName="Orders", KeyConditionExpression="pk = :customer", ExpressionAttributeValues=values)


def measure(read: Callable[[Any], object], items: int, *, logged: bool, together: int = 1) -> tuple[float, Answers]:
    """Return the processor's seconds of a read, and what CloudWatch Logs was given."""
    answers = Answers([_item(number) for number in range(items)])
    client, log = answers.client("dynamodb"), ReadLog(_SETTINGS, principal=_SESSION, clients=answers.client)
    if logged:
        log.watch(client)
    read(client)
    answers.bytes = answers.lines = answers.requests = 0
    start = time.process_time()
    for _ in range(_READS // together):
        with log.on_behalf_of("8f14e45f-ceea-467f-a0e6-1d2b3c4d5e6f"), log.together() if logged else nullcontext():
            for _ in range(together):
                read(client)
    return (time.process_time() - start) / _READS, answers


def data_events(line_bytes: float) -> float:
    """Return the price of a line in CloudWatch Logs as a part of that of CloudTrail's data event."""
    prices = load_prices()
    ingestion = prices.find("log_ingestion", REGION)
    event = prices.find("trail_data_event", REGION)
    if ingestion is None or event is None:
        raise LookupError(f"no prices for {REGION}")
    return line_bytes / GB * ingestion / event


def main() -> None:
    """Print the cost of a logged read as a ratio to the same read without a line."""
    print(f"{'':32}{'processor':>10}{'bytes':>8}{'of a data event':>17}{'log requests':>14}")
    for what, read, items, together in (
        ("GetItem", get, 1, 1),
        ("GetItem, 10 together", get, 1, 10),
        ("Query, 20 items", query, 20, 1),
        ("Query, 20 items, 10 together", query, 20, 10),
        ("Query, 500 items", query, 500, 1),
    ):
        without = min(measure(read, items, logged=False)[0] for _ in range(3))
        runs = [measure(read, items, logged=True, together=together) for _ in range(3)]
        seconds, answers = min(runs, key=lambda run: run[0])
        size = answers.bytes / _READS
        price, requests = data_events(size), answers.requests / _READS
        print(f"{what:32}{seconds / without:>9.1f}x{size:>8,.0f}{price:>17.2f}{requests:>14.1f}")


if __name__ == "__main__":
    main()
