"""A log event, and where it was found."""

from __future__ import annotations

from typing import NamedTuple

LONGEST_SHOWN = 120
"""How much is shown of a text."""


class Entry(NamedTuple):
    """A log event of the input.

    Attributes:
        text: The event's message, without the end of the line.
        source: The file.
        line: The line of the file, from 1; documents that follow each other without a newline count as lines.
        event: The place among the log events of one document, from 1, or 0 where a line is one event.
        stream: The log stream, where the input names it. Each execution environment writes one.
    """

    text: str
    source: str = "input"
    line: int = 0
    event: int = 0
    stream: str | None = None

    @property
    def where(self) -> str:
        """The place in words."""
        place = f"{shown(self.source)}:{self.line}"
        return f"{place}, event {self.event}" if self.event else place


def shown(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return text of the input in printable form: control characters must not reach the auditor's terminal."""
    text = text if len(text) <= longest else f"{text[:longest]}…"
    return text if text.isprintable() else ascii(text)
