"""Counts the messages between Python and CDK's Node process; they are what a CDK app in Python mostly waits for."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

# jsii has no public way to ask; this is the one method that every message passes.
from jsii._kernel.providers.process import _NodeProcess
from jsii._kernel.types import DeleteRequest

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class CallCount:
    """How many messages were sent so far."""

    total: int = 0


@contextmanager
def counted_calls() -> Iterator[CallCount]:
    """Count the messages sent within the block.

    A block that is timed should not be counted as well: counting costs the variant with more calls more time.
    """
    count = CallCount()
    send = _NodeProcess.send

    def counting_send(process: Any, request: Any, response_type: Any) -> Any:
        # Sent when Python forgets an object, so it says when garbage was collected and not what was asked.
        if not isinstance(request, DeleteRequest):
            count.total += 1
        return send(process, request, response_type)

    setattr(_NodeProcess, "send", counting_send)  # noqa: B010 - an assignment would not pass mypy
    try:
        yield count
    finally:
        setattr(_NodeProcess, "send", send)  # noqa: B010 - likewise
