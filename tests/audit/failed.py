"""Objects as AWS Lambda leaves them in the failure bucket, and what lists them.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.audit.trail import change

if TYPE_CHECKING:
    from collections.abc import Iterable

BUCKET = "orders-auditfailurebucket-1234"
STREAM = "arn:aws:dynamodb:eu-central-1:111122223333:table/{table}/stream/2026-11-01T00:00:00.000"
KEY = "aws/lambda/1234/shardId-00000001/2026/11/21/2026-11-21T20.14.40-5678"


def stream_record(number: int) -> dict[str, Any]:
    """Return the record of the change that `change(number)` is the line of; it holds an item."""
    fields = change(number)
    return {
        "eventID": fields["event_id"],
        "dynamodb": {"SequenceNumber": fields["sequence_number"], "NewImage": {"note": {"S": "MARKER"}}},
    }


def failed_object(records: Iterable[object], *, table: str = "Orders", as_text: bool = True) -> bytes:
    """Return an object with the records of a batch."""
    event = {"Records": list(records)}
    invocation = {
        "requestContext": {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": 6},
        "version": "1.0",
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001",
            "batchSize": len(event["Records"]),
            "streamArn": STREAM.format(table=table),
        },
        "payload": json.dumps(event) if as_text else event,
    }
    return json.dumps(invocation).encode()


def listing(*keys: str, member: str = "Versions", **members: object) -> bytes:
    """Return what `aws s3api list-object-versions --no-paginate` prints about objects, or about none.

    https://docs.aws.amazon.com/cli/latest/reference/s3api/list-object-versions.html
    """
    objects = [{"Key": key, "Size": 1234, "LastModified": "2026-11-21T20:14:40+00:00"} for key in keys]
    page = {"IsTruncated": False, "KeyMarker": "", "VersionIdMarker": "", "Name": BUCKET, "Prefix": "", "MaxKeys": 1000}
    return json.dumps(({member: objects} if keys else {}) | page | members).encode()


def listing_of_objects(*keys: str, **members: object) -> bytes:
    """Return what `aws s3api list-objects-v2` prints, page by page or not as `members` have it."""
    objects = [{"Key": key, "Size": 1234} for key in keys]
    return json.dumps(
        ({"Contents": objects} if keys else {}) | {"RequestCharged": None, "Prefix": ""} | members
    ).encode()
