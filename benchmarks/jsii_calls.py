"""Counts the messages between Python and CDK's Node process; they are what a CDK app in Python mostly waits for."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

# jsii has no public way to ask; this is the one method that every message passes.
from jsii._kernel.providers.process import _NodeProcess
from jsii._kernel.types import DeleteRequest, KernelRequest, KernelResponse

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

    def counting_send(
        process: _NodeProcess, request: KernelRequest, response_type: type[KernelResponse]
    ) -> KernelResponse:
        # Sent when Python forgets an object, so it tells of the garbage collector and not of the app.
        if not isinstance(request, DeleteRequest):
            count.total += 1
        return send(process, request, response_type)

    with patch.object(_NodeProcess, "send", counting_send):
        yield count
