"""Stands in for the AWS services that the audit handler calls."""

from __future__ import annotations

import hmac
import io
from base64 import urlsafe_b64decode
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

_KMS_SECRET = bytes(range(100, 132))


def mac_of(message: bytes) -> bytes:
    """Return what AWS KMS computes under the HMAC key."""
    return hmac.digest(_KMS_SECRET, message, "sha256")


def is_mac(link: str, mac: str) -> bool:
    """Return whether AWS KMS would say that a link has this MAC."""
    return urlsafe_b64decode(f"{mac}=") == mac_of(f"secure_ddb audit link 1\n{link}".encode())


MAC = mac_of(b"secure_ddb audit key digest 1")
LOG_GROUP = "Orders-AuditLogGroup"
FAILURE_BUCKET = "orders-auditfailurebucket"
# Of all tables that the events are of.
STREAMS = "arn:aws:dynamodb:eu-central-1:111122223333:table/"
FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:Orders-AuditFunction-1A2B"
# What Lambda tells the handler about an invocation by the mapping, and by a replay.
BY_MAPPING, BY_REPLAY = (SimpleNamespace(invoked_function_arn=arn) for arn in (f"{FUNCTION}:secure-ddb", FUNCTION))
KEY_ID = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


class Aws:
    """AWS KMS, CloudWatch Logs and Amazon S3 at once.

    Attributes:
        calls: Name of the operation and its arguments, in order.
        log: Log stream to its lines.
        objects: Key to content of the failure bucket.
        errors: Operation to what it fails with next, in order; `None` is no failure.
        lines_arrive: Whether lines are kept although the operation fails.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.log: dict[str, list[str]] = {}
        self.objects: dict[str, bytes] = {}
        self.errors: dict[str, list[Exception | None]] = {}
        self.lines_arrive = False
        self.rejects = False

    @property
    def text(self) -> str:
        """All lines, with their ends."""
        return "".join(f"{line}\n" for lines in self.log.values() for line in lines)

    def calls_of(self, operation: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == operation]

    def client(self, service: str, **_options: object) -> Aws:
        assert service in ("kms", "logs", "s3")
        return self

    def generate_mac(self, **arguments: Any) -> dict[str, Any]:
        self._note("generate_mac", arguments)
        assert (arguments["KeyId"], arguments["MacAlgorithm"]) == (KEY_ID, "HMAC_SHA_256")
        return {"Mac": mac_of(arguments["Message"]), "KeyId": KEY_ID, "MacAlgorithm": "HMAC_SHA_256"}

    def create_log_stream(self, **arguments: Any) -> dict[str, Any]:
        self._note("create_log_stream", arguments)
        assert arguments["logStreamName"] not in self.log
        self.log[arguments["logStreamName"]] = []
        return {}

    def put_log_events(self, **arguments: Any) -> dict[str, Any]:
        lines = [event["message"] for event in arguments["logEvents"]]
        if self.lines_arrive:
            self.log[arguments["logStreamName"]] += lines
        self._note("put_log_events", arguments)
        if not self.lines_arrive:
            self.log[arguments["logStreamName"]] += lines
        return {"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 1}} if self.rejects else {}

    def get_object(self, **arguments: Any) -> dict[str, Any]:
        self._note("get_object", arguments)
        assert arguments["Bucket"] == FAILURE_BUCKET
        return {"Body": io.BytesIO(self.objects[arguments["Key"]])}

    def _note(self, operation: str, arguments: dict[str, Any]) -> None:
        self.calls.append((operation, arguments))
        waiting = self.errors.get(operation)
        error = waiting.pop(0) if waiting else None
        if error:
            raise error


def refusal(code: str) -> Exception:
    """Return the error that boto3 raises where a service refuses a call."""
    error: Exception = ClientError({"Error": {"Code": code, "Message": "refused"}}, "Operation")
    return error
