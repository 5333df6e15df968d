"""Reads what `aws logs filter-log-events` prints: a JSON document with a list of any length.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING, Any

from secure_ddb.audit_trail.verify.entry import Entry, shown
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
"""What such a document begins with."""

_SPACE = re.compile(r"[ \t\r\n]*")
_END_OF_LINE = re.compile(r"[ \t\r]*\n?")
# Where text is cut off, JSON's error is this near to the end, or says that a string has none.
_NEAR = 10

_decode = json.JSONDecoder().raw_decode


def read_event_list(text: Text) -> Iterator[Entry]:
    """Return the events of the document that the text goes on with.

    Raises:
        InputError: The document cannot be read to its end, or more pages exist than it holds.
    """
    has_events = False
    _expect(text, "{")
    while True:
        name = _value(text)
        _expect(text, ":")
        if name == "events":
            has_events = True
            yield from _events(text)
        else:
            _check_member(text, name, _value(text))
        if _expect(text, "}", ",") == "}":
            break
    if not has_events:
        raise InputError(f"{text.where}: a document without a list of events")
    _end_line(text)


def more_pages(token: str) -> str:
    """Return what a token for the next page says."""
    return (
        f"{token} says that there are more pages. Get all pages: `aws logs filter-log-events` does, without "
        "--max-items and --no-paginate"
    )


def _events(text: Text) -> Iterator[Entry]:
    _expect(text, "[")
    if _next(text) == "]":
        _expect(text, "]")
        return
    for number in count(1):
        _next(text)
        line = text.line
        yield _entry(_value(text), text.path, line, number)
        if _expect(text, "]", ",") == "]":
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
        raise InputError(f"{text.where}: {shown(repr(name))} is not known beside a list of events")


def _value(text: Text) -> Any:  # noqa: ANN401 - JSON can be anything
    """Return the JSON value that comes next."""
    _next(text)
    while True:
        try:
            value, end = _decode(text.buffer, text.start)
        except json.JSONDecodeError as error:
            is_cut_off = error.msg.startswith("Unterminated string") or error.pos > len(text.buffer) - _NEAR
            if is_cut_off and text.grow():
                continue
            raise InputError(f"{text.where}: a list of events that is not JSON: {error.msg}") from error
        except RecursionError as error:
            raise InputError(f"{text.where}: a list of events that is nested too deeply") from error
        # A number may go on.
        if end == len(text.buffer) and text.grow():
            continue
        text.skip_to(end)
        return value


def _next(text: Text) -> str:
    """Go on to the next character that is not white space, and return it."""
    while True:
        if not text.has(1):
            raise InputError(f"{text.where}: the list of events is cut off")
        character = text.buffer[text.start]
        if character not in " \t\r\n":
            return character
        match = _SPACE.match(text.buffer, text.start)
        text.skip_to(match.end() if match else text.start)


def _expect(text: Text, *characters: str) -> str:
    """Go on behind the next character that is not white space, and return it, which has to be one of these."""
    found = _next(text)
    if found not in characters:
        raise InputError(f"{text.where}: a list of events that is not JSON: {found!r} instead of {characters[-1]!r}")
    text.start += 1
    return found


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
