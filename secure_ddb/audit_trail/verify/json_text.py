"""Reads JSON documents of any length piece by piece."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from secure_ddb.audit_trail.verify.text import InputError

if TYPE_CHECKING:
    from secure_ddb.audit_trail.verify.text import Text

_SPACE = re.compile(r"[ \t\r\n]*")
# Where text is cut off, JSON's error is this near to the end, or says that a string has none.
_NEAR = 10

_decode = json.JSONDecoder().raw_decode


def read_value(text: Text) -> Any:  # noqa: ANN401 - JSON can be anything
    """Return the JSON value that comes next."""
    next_character(text)
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


def next_character(text: Text) -> str:
    """Go on to the next character that is not white space, and return it."""
    while True:
        if not text.has(1):
            raise InputError(f"{text.where}: the list of events is cut off")
        character = text.buffer[text.start]
        if character not in " \t\r\n":
            return character
        match = _SPACE.match(text.buffer, text.start)
        text.skip_to(match.end() if match else text.start)


def expect(text: Text, *characters: str) -> str:
    """Go on behind the next character that is not white space, and return it, which has to be one of these."""
    found = next_character(text)
    if found not in characters:
        raise InputError(f"{text.where}: a list of events that is not JSON: {found!r} instead of {characters[-1]!r}")
    text.start += 1
    return found
