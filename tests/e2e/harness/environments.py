"""An execution environment of Lambda goes on after an exception of the handler; only a crash or a timeout ends it.

The emulator ends it after every error, so that the next invocation starts another one.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ministack.core import lambda_runtime
from ministack.core.lambda_runtime import Worker

if TYPE_CHECKING:
    from subprocess import Popen

_invoke = Worker.invoke
_signal, _collect = lambda_runtime._signal, lambda_runtime._collect
_thread = threading.local()


def install() -> None:
    """Let a worker keep its process where the handler has raised an exception."""
    Worker.invoke = _invoke_and_keep
    lambda_runtime._signal = _signal_unless_invoking
    lambda_runtime._collect = _collect_unless_invoking


def _invoke_and_keep(worker: Worker, event: Any, request: str, **options: Any) -> dict[str, Any]:
    _thread.is_invoking, _thread.ended = True, None
    try:
        result: dict[str, Any] = _invoke(worker, event, request, **options)
    finally:
        _thread.is_invoking = False
    process = _thread.ended
    # The process itself tells of an exception, and has a traceback.
    if process and "trace" in result:
        worker._proc = process
    elif process:
        process.kill()
        process.wait()
    return result


def _signal_unless_invoking(process: Popen[str] | None) -> None:
    if getattr(_thread, "is_invoking", False):
        _thread.ended = process
    else:
        _signal(process)


def _collect_unless_invoking(process: Popen[str] | None, deadline: float) -> None:
    if not getattr(_thread, "is_invoking", False):
        _collect(process, deadline)
