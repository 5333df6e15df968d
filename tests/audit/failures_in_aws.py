"""AWS as a replay sees it: clients of boto3 that check what they are asked, answer as a test says, and send nothing."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]
from botocore.response import StreamingBody  # type: ignore[import-untyped]
from botocore.stub import Stubber  # type: ignore[import-untyped]

from secure_ddb.audit_trail.replay import Outcome, ReplayReport, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

STREAM = "arn:aws:dynamodb:eu-central-1:111122223333:table/Orders/stream/2026-11-01T00:00:00.000"
FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:Orders-AuditFunction-1A2B"
OTHER_FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:Search:live"
BUCKET = "orders-auditfailurebucket-3c4d"
UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
OTHER_UUID = "2a3b4c5d-0000-4eb5-b481-8945cf9d10c2"
PREFIX = f"aws/lambda/{UUID}/"
SOURCE = Source(FUNCTION, BUCKET, PREFIX)

# In the order of the changes, of which each shard has its own.
SHARD = "shardId-00000001732217679123-5a6b7c8d"
KEYS = [
    f"{PREFIX}{SHARD}/2026/11/20/2026-11-20T23.59.59-b3f0",
    f"{PREFIX}{SHARD}/2026/11/21/2026-11-21T20.14.39-a1c2",
    f"{PREFIX}{SHARD}/2026/11/21/2026-11-21T20.14.40-0d4e",
    f"{PREFIX}shardId-00000001732217679999-1e2f3a4b/2026/11/20/2026-11-20T10.00.00-9a9b",
]
TIMES = [
    datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 21, 20, 14, 39, tzinfo=UTC),
    datetime(2026, 11, 21, 20, 14, 40, tzinfo=UTC),
    datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC),
]


def mapping(function: str = FUNCTION, destination: str = f"arn:aws:s3:::{BUCKET}", uuid: str = UUID) -> dict[str, Any]:
    """Return an event source mapping; without a destination it keeps no failed records."""
    on_failure = {"OnFailure": {"Destination": destination}} if destination else {}
    return {"UUID": uuid, "FunctionArn": function, "EventSourceArn": STREAM, "DestinationConfig": on_failure}


def listed(*places: int) -> list[dict[str, Any]]:
    """Return objects by their places in `KEYS`, as S3 lists them."""
    return [version(KEYS[place], place) for place in places]


def version(key: str, place: int, *, is_latest: bool = True) -> dict[str, Any]:
    """Return a version of an object that was written at one of `TIMES`, as S3 lists it."""
    return {
        "Key": key,
        "VersionId": f"v{place}",
        "IsLatest": is_latest,
        "Size": 1000 + place,
        "LastModified": TIMES[place],
    }


class Aws:
    """The three services. What is asked of one of them has to come in the order in which its answers were added."""

    def __init__(self) -> None:
        """Let nothing be asked yet."""
        self.clients = {service: _client(service) for service in ("dynamodb", "lambda", "s3")}
        self.stubbers = {service: Stubber(client) for service, client in self.clients.items()}
        for stubber in self.stubbers.values():
            stubber.activate()

    def close(self) -> None:
        """Let go of the clients, and check that everything was asked for."""
        for stubber in self.stubbers.values():
            stubber.deactivate()
        for stubber in self.stubbers.values():
            stubber.assert_no_pending_responses()

    def has_table(self, stream: str | None = STREAM) -> None:
        """Know the table Orders."""
        table = {"TableName": "Orders"} | ({"LatestStreamArn": stream} if stream else {})
        self.stubbers["dynamodb"].add_response("describe_table", {"Table": table}, {"TableName": "Orders"})

    def has_mappings(self, *pages: Sequence[dict[str, Any]]) -> None:
        """Know event source mappings of the table's stream, in pages."""
        for number, mappings in enumerate(pages):
            answer: dict[str, Any] = {"EventSourceMappings": mappings}
            if number < len(pages) - 1:
                answer["NextMarker"] = f"page {number + 1}"
            asked = {"EventSourceArn": STREAM} | ({"Marker": f"page {number}"} if number else {})
            self.stubbers["lambda"].add_response("list_event_source_mappings", answer, asked)

    def has_objects(self, *pages: Sequence[dict[str, Any]]) -> None:
        """Know objects of the failure bucket, in pages."""
        for number, objects in enumerate(pages):
            is_last = number == len(pages) - 1
            answer: dict[str, Any] = {"IsTruncated": not is_last} | ({"Versions": objects} if objects else {})
            if not is_last:
                answer |= {"NextKeyMarker": f"page {number + 1}", "NextVersionIdMarker": "v"}
            after = {"KeyMarker": f"page {number}", "VersionIdMarker": "v"} if number else {}
            asked = {"Bucket": BUCKET, "Prefix": PREFIX} | after
            self.stubbers["s3"].add_response("list_object_versions", answer, asked)

    def has_failures(self, *places: int) -> None:
        """Know the table, its audit function and objects of its failure bucket."""
        self.has_table()
        self.has_mappings([mapping()])
        self.has_objects(listed(*places))

    def answers(self, key: str, answer: object, *, function_error: str = "") -> None:
        """Let the audit function answer about an object; bytes are no JSON."""
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        said: dict[str, Any] = {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(content), len(content))}
        if function_error:
            said["FunctionError"] = function_error
        self.stubbers["lambda"].add_response("invoke", said, invocation(key))

    def refuses(self, service: str, operation: str, code: str, text: str = "No.") -> None:
        """Answer with an error."""
        self.stubbers[service].add_client_error(operation, code, text, 400)


def invocation(key: str) -> dict[str, Any]:
    """Return what the audit function has to be asked."""
    payload = json.dumps({"replay": {"key": key}}).encode()
    return {"FunctionName": FUNCTION, "InvocationType": "RequestResponse", "Payload": payload}


def report_of(found: int, *outcomes: Outcome) -> ReplayReport:
    """Return the report of a replay."""
    report = ReplayReport(found)
    for outcome in outcomes:
        report.add(outcome)
    return report


def forget_configuration(monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
    """Let nothing of the machine's AWS configuration count, but that of files in an empty folder."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(empty / name))


# They take a tenth of a second to make, which every test would spend three times.
@cache
def _client(service: str) -> Any:
    session = Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="none")  # noqa: S106
    return session.client(service, region_name="eu-central-1")
