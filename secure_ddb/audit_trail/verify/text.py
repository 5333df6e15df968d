"""Text of any length, read once in linear time; only the current part is kept in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A log event has at most 1 MiB, and what a subscription delivers at once is a few.
LONGEST = 1 << 26


class InputError(Exception):
    """Something that cannot be read to its end, so that nothing can be said of the trail."""


class Text:
    """The unread text of a file, from `start` on.

    Attributes:
        path: The file's name.
        line: The line at `start`, from 1; documents that follow each other without a newline count as lines.
        buffer: Some of the text.
        start: Where in `buffer` the rest begins.
    """

    def __init__(self, chunks: Iterator[str], path: str) -> None:
        """Begin before the first chunk."""
        self.path = path
        self.line = 1
        self.buffer = ""
        self.start = 0
        self._chunks = chunks
        self._newline = -1

    @property
    def where(self) -> str:
        """The place of `start` in words."""
        return f"{self.path}:{self.line}"

    def grow(self) -> bool:
        """Read on, and say whether there was more.

        As much is read as is waiting already, so that looking at all of it again stays linear.

        Raises:
            InputError: The buffered text exceeds the maximum of a line or an event.
        """
        waiting = len(self.buffer) - self.start
        if waiting > LONGEST:
            raise InputError(
                f"{self.where}: longer than {LONGEST:,} characters, the most that a line or event may have"
            )
        more: list[str] = []
        length = 0
        while length <= min(waiting, LONGEST - waiting) and (chunk := next(self._chunks, "")):
            more.append(chunk)
            length += len(chunk)
        if not more:
            return False
        self.buffer = "".join([self.buffer[self.start :], *more])
        self.start = 0
        self._newline = -1
        return True

    def has(self, length: int) -> bool:
        """Return whether this many characters are left, reading until they are in the buffer."""
        while len(self.buffer) - self.start < length:
            if not self.grow():
                return False
        return True

    def newline(self) -> int:
        """Return where in the buffer the line ends: at the end of the buffer where no newline is in it."""
        # Looked for once a line, not once for each of the documents in it.
        if self._newline < self.start:
            place = self.buffer.find("\n", self.start)
            self._newline = len(self.buffer) if place < 0 else place
        return self._newline

    def skip_to(self, place: int) -> None:
        """Go on at a place of the buffer."""
        self.line += self.buffer.count("\n", self.start, place)
        self.start = place
