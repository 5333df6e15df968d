"""A function's log level for Lambda's own lines: at WARN, START, END and REPORT are not logged.

The emulator logs them whatever `LoggingConfig` says.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import lambda_svc

_emit = lambda_svc._emit_lambda_logs
_WITHOUT_THEM = ("WARN",)


def install() -> None:
    """Log nothing of Lambda's own where the function has it so, and nothing went wrong."""
    lambda_svc._emit_lambda_logs = _by_level


def _by_level(function: dict[str, Any], request: str, text: str, error: bool, *rest: Any, **options: Any) -> None:  # noqa: FBT001
    config = function.get("config") or function
    is_quiet = config.get("LoggingConfig", {}).get("SystemLogLevel") in _WITHOUT_THEM
    if is_quiet and not error and not text:
        return
    _emit(function, request, text, error, *rest, **options)
