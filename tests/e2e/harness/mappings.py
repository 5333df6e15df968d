"""What an event source mapping of Lambda does with records that fail; the emulator repeats their batch for ever.

What is given up goes into the bucket of the mapping, and the mapping goes on.
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html

Left out: destinations other than buckets.
"""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ministack.services import lambda_svc

from tests.e2e.harness.delivery import INFINITE, Answer, Delivery, GivenUp, Record
from tests.e2e.harness.handlers import client
from tests.e2e.harness.metrics import count_error, count_kept

if TYPE_CHECKING:
    from collections.abc import Callable

Mapping = dict[str, Any]

# The only shard of the emulator's streams.
SHARD = "shardId-00000000000000000000-00000000"
_BUCKET_ARN = "arn:aws:s3:::"

_poll = lambda_svc._poll_dynamodb_streams
_execute = lambda_svc._execute_function
_thread = threading.local()


def _invoke(function: dict[str, Any], records: list[Record]) -> Answer:
    answer: Answer = _execute(function, {"Records": records})
    if answer.get("error") and not answer.get("throttle"):
        count_error(function["config"]["FunctionName"])
    return answer


# `faults.py` lets both go wrong at random.
invoke: Callable[[dict[str, Any], list[Record]], Answer] = _invoke
now: Callable[[], float] = time.time


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
    Delivery(
        invoke=partial(invoke, function),
        give_up=partial(_keep, mapping),
        now=now,
        retries=mapping["MaximumRetryAttempts"],
        maximum_age=mapping.get("MaximumRecordAgeInSeconds", INFINITE),
        halves=mapping.get("BisectBatchOnFunctionError", False),
    ).deliver(event["Records"])
    # Whatever was given up is kept, so the poller goes on.
    return {"body": {"batchItemFailures": []}}


def _mapping(record: Record) -> Mapping | None:
    mappings: list[Mapping] = list(lambda_svc._esms.values())
    return next((each for each in mappings if each["EventSourceArn"] == record["eventSourceARN"]), None)


def _keep(mapping: Mapping, given_up: GivenUp) -> None:
    bucket = mapping["DestinationConfig"]["OnFailure"]["Destination"].removeprefix(_BUCKET_ARN)
    at = datetime.now(UTC)
    key = f"aws/lambda/{mapping['UUID']}/{SHARD}/{at:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid4()}"
    content = json.dumps(invocation_record(mapping, given_up, at))
    client("s3").put_object(Bucket=bucket, Key=key, Body=content.encode())
    count_kept(mapping["UUID"], len(given_up.records))


def invocation_record(mapping: Mapping, given_up: GivenUp, at: datetime) -> dict[str, Any]:
    """Return what Lambda writes into the bucket of a mapping."""
    first, last = given_up.records[0]["dynamodb"], given_up.records[-1]["dynamodb"]
    return {
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": mapping["FunctionArn"],
            "condition": given_up.condition,
            "approximateInvokeCount": given_up.attempts,
        },
        **_response_context(given_up.answer),
        "version": "1.0",
        "timestamp": at.isoformat(timespec="milliseconds"),
        "DDBStreamBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": _arrival(first),
            "approximateArrivalOfLastRecord": _arrival(last),
            "batchSize": len(given_up.records),
            "streamArn": mapping["EventSourceArn"],
        },
        "payload": json.dumps({"Records": given_up.records}),
    }


def _response_context(answer: Answer | None) -> dict[str, Any]:
    """Return what the function answered last, if it was invoked."""
    if answer is None:
        return {}
    error = {"functionError": "Unhandled"} if answer.get("error") else {}
    return {"responseContext": {"statusCode": 200, "executedVersion": "$LATEST", **error}}


def _arrival(change: dict[str, Any]) -> str:
    return f"{datetime.fromtimestamp(change['ApproximateCreationDateTime'], UTC):%Y-%m-%dT%H:%M:%SZ}"
