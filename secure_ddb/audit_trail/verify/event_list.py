"""Reads the output of `aws logs filter-log-events`: a JSON document with a list of any length.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING

from secure_ddb.audit_trail.verify.entry import Entry, shown
from secure_ddb.audit_trail.verify.json_text import expect, next_character, read_value
from secure_ddb.audit_trail.verify.text import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.audit_trail.verify.text import Text

_TOKENS = ("nextToken", "NextToken", "nextForwardToken", "nextBackwardToken")
# Of one page, so that its tokens are there even where no page follows.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
_OF_ONE_PAGE = ("nextForwardToken", "nextBackwardToken")
_IGNORED = ("searchedLogStreams", "ResponseMetadata")

BEGINNING = re.compile(rf'\{{\s*"(?:{"|".join(("events", *_TOKENS, *_IGNORED))})"\s*:')
"""The start of such a document."""

_END_OF_LINE = re.compile(r"[ \t\r]*\n?")


def read_event_list(text: Text) -> Iterator[Entry]:
    """Return the events of the document that the text goes on with.

    Raises:
        InputError: The document cannot be read to its end, or more pages exist than it holds.
    """
    has_events = False
    expect(text, "{")
    while True:
        name = read_value(text)
        expect(text, ":")
        if name == "events":
            has_events = True
            yield from _events(text)
        else:
            _check_member(text, name, read_value(text))
        if expect(text, "}", ",") == "}":
            break
    if not has_events:
        raise InputError(f"{text.where}: a document without a list of events")
    _end_line(text)


def more_pages(token: str) -> str:
    """Return the value of a token for the next page."""
    return (
        f"{token} says that there are more pages. Get all pages: `aws logs filter-log-events` does, without "
        "--max-items and --no-paginate"
    )


def _events(text: Text) -> Iterator[Entry]:
    expect(text, "[")
    if next_character(text) == "]":
        expect(text, "]")
        return
    for number in count(1):
        next_character(text)
        line = text.line
        yield _entry(read_value(text), text.path, line, number)
        if expect(text, "]", ",") == "]":
            return


def _entry(event: object, path: str, line: int, number: int) -> Entry:
    if isinstance(event, dict) and isinstance(event.get("message"), str):
        stream = event.get("logStreamName")
        stream = stream.replace("/", "-") if isinstance(stream, str) else None
        return Entry(event["message"].rstrip("\r\n"), path, line, number, stream)
    return Entry(json.dumps(event), path, line, number)


def _check_member(text: Text, name: object, value: object) -> None:
    if name in _OF_ONE_PAGE:
        raise InputError(
            f"{text.where}: {name} shows that this is one page of `aws logs get-log-events`, which does not say if it "
            "is the last. Get all pages with `aws logs filter-log-events`"
        )
    if name in _TOKENS and value:
        raise InputError(f"{text.where}: {more_pages(str(name))}")
    if name not in (*_TOKENS, *_IGNORED):
        raise InputError(f"{text.where}: {shown(repr(name))} is unknown next to a list of events")


def _end_line(text: Text) -> None:
    """Go on behind the end of the line, or to the next document on it."""
    while match := _END_OF_LINE.match(text.buffer, text.start):
        if match[0].endswith("\n"):
            text.skip_to(match.end())
            return
        if match.end() < len(text.buffer) or not text.grow():
            text.skip_to(match.end())
            text.line += 1
            return
