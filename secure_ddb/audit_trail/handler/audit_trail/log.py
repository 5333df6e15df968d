"""Hands lines to CloudWatch Logs and waits until it has them.

What is printed would get there as well, but nobody would say so: where the log group refuses lines, they would be gone.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class RejectedError(Exception):
    """CloudWatch Logs took the request, but not all of its lines."""


class Log:
    """A log stream that one execution environment writes.

    Attributes:
        previous: The link of the last line that was there for certain; `None` where a chain begins anew.
        previous_lost: Whether the log stream with that line is gone. The next line says so, and that its line before
            cannot be found, so that an auditor does not take it for the beginning of a chain.
    """

    __slots__ = ("_client", "_group", "_stream", "previous", "previous_lost")

    def __init__(self, client: Any, group: str) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        """Write to a log group; the log stream is made with the first line."""
        self._client = client
        self._group = group
        self._stream = ""
        self.previous: str | None = None
        self.previous_lost = False

    def write(self, lines: list[str], link: str | None) -> None:
        """Write the lines of a batch, the last of which has this link.

        Raises:
            RejectedError: Some of them were not taken.
            botocore.exceptions.ClientError: None of them was taken.
            botocore.exceptions.BotoCoreError: Nobody knows.
        """
        if not lines:
            return
        # Whatever fails here, no line was written, so the chain goes on.
        if not self._stream:
            self._stream = self._create_stream()
        try:
            self._put(lines)
        except Exception as error:
            if _is_gone(error):
                # CloudWatch Logs took no line, and has lost those before.
                self._stream = ""
                self.previous_lost = self.previous is not None
            else:
                # The lines may be there nevertheless, and Lambda will repeat their records, perhaps in other batches.
                # So what comes next does not continue any line.
                self.previous = None
                self.previous_lost = False
            raise
        if link != self.previous:
            self.previous = link
            self.previous_lost = False

    def _create_stream(self) -> str:
        # Chosen at random, as Lambda names no execution environment.
        stream = f"audit/{time.strftime('%Y/%m/%d', time.gmtime())}/{os.urandom(16).hex()}"
        self._client.create_log_stream(logGroupName=self._group, logStreamName=stream)
        return stream

    def _put(self, lines: list[str]) -> None:
        # The time of writing: the times of changes are in the lines, and would be refused where they are too old.
        now = int(time.time() * 1000)
        answer = self._client.put_log_events(
            logGroupName=self._group,
            logStreamName=self._stream,
            logEvents=[{"timestamp": now, "message": line} for line in lines],
        )
        if answer.get("rejectedLogEventsInfo"):
            raise RejectedError


def _is_gone(error: Exception) -> bool:
    """Whether the log stream, or the log group around it, is not there any more."""
    # Other errors of botocore have no answer, or `None`.
    answer = getattr(error, "response", None) or {}
    return bool(answer.get("Error", {}).get("Code") == "ResourceNotFoundException")
