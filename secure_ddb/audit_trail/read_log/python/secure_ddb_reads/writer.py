"""Hands lines to CloudWatch Logs, waits until it has them, and keeps the chain of their links."""

from __future__ import annotations

import json
import os
import secrets
import time
from threading import Lock
from typing import TYPE_CHECKING, Any

from .lines import link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .lines import Fields

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
_LARGEST_REQUEST = 1_048_576
_MOST_LINES = 10_000
_LINE_OVERHEAD = 26
# What `link` adds to a line: the batch's name, two numbers, two links.
_ENDING = 260


class ReadNotLoggedError(Exception):
    """A read could not be logged, so nothing of it is returned."""


class Writer:
    """A log stream that one process writes, with a chain of its own. Threads may share it."""

    def __init__(self, client: Any, log_group: str) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        """Write to a log group; the log stream is made with the first line."""
        self._client = client
        self._group = log_group
        self._lock = Lock()
        self.restart()
        # A forked process must not continue the chain of the one that it came from.
        os.register_at_fork(after_in_child=self.restart)

    def restart(self) -> None:
        """Begin a new chain in a new log stream."""
        self._lock = Lock()
        self._stream = ""
        self._previous: str | None = None
        self._previous_lost = False

    def write(self, lines: Sequence[Fields]) -> None:
        """Write lines, all of which CloudWatch Logs has when this returns.

        Raises:
            ReadNotLoggedError: CloudWatch Logs did not take them, or nobody knows.
        """
        with self._lock:
            for batch in _in_requests(lines):
                self._write(batch)

    def _write(self, lines: Sequence[Fields]) -> None:
        if not self._stream:
            self._stream = self._create_stream()
        # Others' lines have a sequence number there. Chosen at random, because processes know nothing of each other.
        name = str(secrets.randbits(126))
        texts, last = link(lines, name, self._previous, previous_lost=self._previous_lost)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": text} for text in texts]
        try:
            answer = self._client.put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=events)
            if answer.get("rejectedLogEventsInfo"):
                raise ReadNotLoggedError("CloudWatch Logs rejected lines")  # noqa: TRY301 - as any other failure
        except Exception as error:
            if _is_gone(error):
                self._stream = ""
                self._previous_lost = self._previous is not None
            else:
                # The lines may be there nevertheless, so what comes next continues none.
                self._previous, self._previous_lost = None, False
            raise
        self._previous, self._previous_lost = last, False

    def _create_stream(self) -> str:
        stream = f"reads/{time.strftime('%Y/%m/%d', time.gmtime())}/{secrets.token_hex(16)}"
        self._client.create_log_stream(logGroupName=self._group, logStreamName=stream)
        return stream


def _in_requests(lines: Sequence[Fields]) -> list[list[Fields]]:
    """Return the lines in as many parts as CloudWatch Logs takes requests."""
    requests: list[list[Fields]] = []
    room = 0
    for line in lines:
        size = _size(line)
        if not requests or size > room or len(requests[-1]) == _MOST_LINES:
            requests.append([])
            room = _LARGEST_REQUEST
        requests[-1].append(line)
        room -= size
    return requests


def _size(line: Fields) -> int:
    return len(json.dumps(line, separators=(",", ":"))) + _ENDING + _LINE_OVERHEAD


def _is_gone(error: Exception) -> bool:
    """Whether the log stream, or the log group around it, is not there any more."""
    answer = getattr(error, "response", None) or {}
    return bool(answer.get("Error", {}).get("Code") == "ResourceNotFoundException")
