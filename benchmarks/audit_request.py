"""The request that hands lines to CloudWatch Logs, prepared and signed by boto3 but not sent."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Body:
    """The body of an answer without content."""

    def stream(self, **_: object) -> Sequence[bytes]:
        """Return the bytes of the body."""
        return [b"{}"]


def request_seconds(lines: Sequence[str]) -> float:
    """Return the processor's seconds of one request with these lines; no network is used."""
    client = _client()
    start = time.process_time()
    client.put_log_events(
        logGroupName="Orders-AuditLogGroup",
        logStreamName="audit/2026/01/15/0123456789abcdef",
        logEvents=[{"timestamp": 1768469400000, "message": line} for line in lines],
    )
    return time.process_time() - start


@cache
def _client() -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    session = boto3.Session(
        aws_access_key_id="example",
        aws_secret_access_key="example",  # noqa: S106 - signs what is not sent
        region_name="eu-central-1",
    )
    # As in the handler.
    client = session.client("logs", config=Config(parameter_validation=False))
    client.meta.events.register("before-send", _answer)
    return client


def _answer(request: Any, **_: object) -> Any:  # noqa: ANN401 - of botocore
    return AWSResponse(request.url, 200, {}, _Body())
