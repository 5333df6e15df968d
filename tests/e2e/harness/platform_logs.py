"""What Lambda logs of a function whose log format is JSON: at level WARN neither START, END nor REPORT, errors as JSON.

The emulator logs plain text, and all of it, whatever `LoggingConfig` says.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/bootstrap.py
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ministack.services import lambda_svc

from tests.e2e.harness.handlers import client

_emit = lambda_svc._emit_lambda_logs


def install() -> None:
    """Log as the function has it."""
    lambda_svc._emit_lambda_logs = _by_format


def _by_format(function: dict[str, Any], request: str, text: str, error: bool, *rest: Any, **options: Any) -> None:  # noqa: FBT001
    config = function.get("config") or function
    logging = config.get("LoggingConfig", {})
    if (logging.get("LogFormat"), logging.get("SystemLogLevel")) != ("JSON", "WARN"):
        _emit(function, request, text, error, *rest, **options)
    elif error:
        _log_error(logging["LogGroup"], config["Version"], request, text)


def _log_error(group: str, version: str, request: str, text: str) -> None:
    # The traceback's last line, and those before it.
    *trace, last = text.rstrip().splitlines() or [""]
    kind, _, message = last.partition(": ")
    now = datetime.now(UTC)
    error = {
        "timestamp": now.isoformat(timespec="milliseconds"),
        "level": "ERROR",
        "errorMessage": message,
        "errorType": kind,
        "requestId": request,
        "stackTrace": trace,
    }
    stream = f"{now:%Y/%m/%d}/[{version}]{uuid4().hex}"
    logs = client("logs")
    event = {"timestamp": int(time.time() * 1000), "message": json.dumps(error)}
    # A function goes on where its log group is gone.
    with suppress(logs.exceptions.ResourceNotFoundException):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
