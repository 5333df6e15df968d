"""Records of CloudTrail, in the shape of AWS's examples.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/understanding-ddb-log-entries.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

ROLE = "arn:aws:iam::111122223333:role/apps/orders"
SESSION = "arn:aws:sts::111122223333:assumed-role/orders/i-0123"
KEY = {"pk": "a", "sk": 1}

# The time of the change with the number 0.
FIRST = 1795292079


def record(number: int, name: str, request: object, *, seconds: int = 0, **other: object) -> dict[str, Any]:
    """Return the record of a call of DynamoDB by an application; the number makes it one of its own."""
    at = datetime.fromtimestamp(FIRST + seconds, UTC)
    fields: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:i-0123",
            "arn": SESSION,
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE, "userName": "orders"}},
        },
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-cli/2",
        "requestParameters": request,
        "responseElements": None,
        "eventID": f"{number:08x}-0000-4000-8000-000000000000",
        "readOnly": False,
        "resources": [
            {"type": "AWS::DynamoDB::Table", "ARN": "arn:aws:dynamodb:eu-central-1:111122223333:table/Orders"}
        ],
        "eventCategory": "Data",
        "recipientAccountId": "111122223333",
    }
    fields.update(other)
    return fields


def management(number: int, source: str, name: str, request: object, **other: Any) -> dict[str, Any]:
    """Return the record of a call of another service."""
    return record(
        number, name, request, eventSource=f"{source}.amazonaws.com", eventCategory="Management", resources=[], **other
    )


def update(number: int, key: dict[str, object] = KEY, **other: Any) -> dict[str, Any]:
    return record(number, "UpdateItem", {"tableName": "Orders", "key": key, "updateExpression": "SET a = :a"}, **other)


def log_file(*records: dict[str, Any]) -> bytes:
    """Return a log file of a trail, as it is once it is no longer compressed."""
    return json.dumps({"Records": records}, separators=(",", ":")).encode()
