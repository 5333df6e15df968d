"""What Lambda does with a batch of stream records that fails; the emulator repeats it as a whole, for ever.

A function that names a record has the batch repeated from there on; one that fails as a whole has it halved. What still
fails after all attempts goes into the bucket of the mapping, and the mapping goes on.
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html

Left out: the age of records, the pauses between attempts, and destinations other than buckets.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ministack.services import lambda_svc

from tests.e2e.harness.handlers import client

Record = dict[str, Any]
Answer = dict[str, Any]

# The only shard of the emulator's streams.
SHARD = "shardId-00000000000000000000-00000000"
_BUCKET_ARN = "arn:aws:s3:::"

_poll = lambda_svc._poll_dynamodb_streams
_execute = lambda_svc._execute_function
_thread = threading.local()


def install() -> None:
    """Take over what the poller of DynamoDB's streams runs; other invocations stay as they are."""
    lambda_svc._poll_dynamodb_streams = _poll_with_failures
    lambda_svc._execute_function = _execute_with_failures


def _poll_with_failures() -> Any:
    _thread.is_polling = True
    try:
        return _poll()
    finally:
        _thread.is_polling = False


def _execute_with_failures(function: dict[str, Any], event: dict[str, Any]) -> Answer:
    mapping = _mapping(event["Records"][0]) if getattr(_thread, "is_polling", False) else None
    if mapping is None or "MaximumRetryAttempts" not in mapping:
        answer: Answer = _execute(function, event)
        return answer
    _Delivery(function, mapping).deliver(event["Records"], mapping["MaximumRetryAttempts"])
    # Whatever failed is kept, so the poller goes on.
    return {"body": {"batchItemFailures": []}}


def _mapping(record: Record) -> dict[str, Any] | None:
    mappings: list[dict[str, Any]] = list(lambda_svc._esms.values())
    return next((each for each in mappings if each["EventSourceArn"] == record["eventSourceARN"]), None)


@dataclass(frozen=True)
class _Delivery:
    """A batch on its way to a function."""

    function: dict[str, Any]
    mapping: dict[str, Any]

    def deliver(self, records: list[Record], retries: int) -> None:
        """Invoke the function until each record is taken, or kept in the bucket."""
        answer: Answer = _execute(self.function, {"Records": records})
        failed = _first_failed(answer, records)
        if failed is None:
            return
        if failed > 0:
            self.deliver(records[failed:], self.mapping["MaximumRetryAttempts"])
        elif answer.get("error") and len(records) > 1 and self.mapping.get("BisectBatchOnFunctionError"):
            half = len(records) // 2
            # Halving does not count as an attempt.
            self.deliver(records[:half], retries)
            self.deliver(records[half:], retries)
        elif retries:
            self.deliver(records, retries - 1)
        else:
            self._keep(records)

    def _keep(self, records: list[Record]) -> None:
        destination = self.mapping["DestinationConfig"]["OnFailure"]["Destination"]
        now = datetime.now(UTC)
        invocation = {
            "requestContext": {
                "requestId": str(uuid4()),
                "functionArn": self.mapping["FunctionArn"],
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": self.mapping["MaximumRetryAttempts"] + 1,
            },
            "version": "1.0",
            "timestamp": now.isoformat(timespec="milliseconds"),
            "DDBStreamBatchInfo": {
                "shardId": SHARD,
                "startSequenceNumber": records[0]["dynamodb"]["SequenceNumber"],
                "endSequenceNumber": records[-1]["dynamodb"]["SequenceNumber"],
                "batchSize": len(records),
                "streamArn": self.mapping["EventSourceArn"],
            },
            "payload": json.dumps({"Records": records}),
        }
        key = f"aws/lambda/{self.mapping['UUID']}/{SHARD}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid4()}"
        bucket = destination.removeprefix(_BUCKET_ARN)
        client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(invocation).encode())


def _first_failed(answer: Answer, records: list[Record]) -> int | None:
    """Return the place of the record from which on the batch failed."""
    if answer.get("error"):
        return 0
    named = {failure["itemIdentifier"] for failure in (answer.get("body") or {}).get("batchItemFailures", ())}
    places = [place for place, record in enumerate(records) if record["dynamodb"]["SequenceNumber"] in named]
    return min(places, default=None)
