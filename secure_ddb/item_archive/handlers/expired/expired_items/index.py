"""Writes the expired items of a batch of stream records into one object: a JSON line for each item.

Delivery is at least once. The same batch is written under the same name, so that a repetition is another version of
the same object. After a failure Lambda may cut a batch in two: then an item can be in two objects, with the same
`event_id`.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3  # type: ignore[import-untyped]

Record = dict[str, Any]

_BY_TIME_TO_LIVE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def handler(event: dict[str, list[Record]], _context: object) -> dict[str, int]:
    """Keep the items of a batch. Whatever fails, fails the batch, so that Lambda hands it over again."""
    records = [record for record in event["Records"] if _is_expiry(record)]
    if records:
        lines = "".join(f"{json.dumps(_kept(record))}\n" for record in records)
        _client("s3").put_object(
            Bucket=os.environ["BUCKET"],
            Key=_key(records),
            Body=lines.encode(),
            # S3 demands a checksum where objects get locked.
            ChecksumAlgorithm="SHA256",
        )
    return {"kept": len(records)}


def _is_expiry(record: Record) -> bool:
    """Tell whether DynamoDB itself deleted the item; the event source mapping hands over no other records.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
    """
    return record["eventName"] == "REMOVE" and record.get("userIdentity") == _BY_TIME_TO_LIVE


def _kept(record: Record) -> dict[str, Any]:
    """Return what is kept of an item: as it was, in DynamoDB's JSON, as in an export."""
    change = record["dynamodb"]
    return {
        "event_id": record["eventID"],
        "table": record["eventSourceARN"].split("/")[1],
        "removed": change["ApproximateCreationDateTime"],
        "sequence_number": change["SequenceNumber"],
        # A KeyError, should the stream not have it: an object without the item would look like a success.
        "Item": change["OldImage"],
    }


def _key(records: list[Record]) -> str:
    """Return the object's name: by the day of the oldest item, and by the records, so that it is always the same."""
    first, last = records[0], records[-1]
    name = os.environ["NAMES"]
    table = first["eventSourceARN"].split("/")[1]
    day = datetime.fromtimestamp(first["dynamodb"]["ApproximateCreationDateTime"], UTC).strftime("%Y-%m-%d")
    span = f"{first['dynamodb']['SequenceNumber']}-{last['dynamodb']['SequenceNumber']}"
    return f"{json.loads(name)[table]}/expired/day={day}/{span}-{first['eventID'][:8]}.json"


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    return boto3.client(service)
