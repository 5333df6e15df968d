"""What callers may ask for. Whatever else they send is refused before a table is asked for anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_VALUE = 2048
SHORTEST_LIFE, LONGEST_LIFE = 60, 365 * 24 * 60 * 60
_ID = re.compile(r"[A-Za-z0-9-]{1,40}")
_NAME = re.compile(r"[a-z_]{1,40}")
# 32 random bytes, in base64 for URLs.
_TOKEN = re.compile(r"tok_[A-Za-z0-9_-]{43}")


class RequestError(Exception):
    """A request that is refused.

    Attributes:
        field: The field at fault, such as `person`.
    """

    def __init__(self, field: str, value: str, allowed: str) -> None:
        """Store the field, its value in words, and the allowed values."""
        super().__init__(f"{field} is {value}; allowed: {allowed}")
        self.field = field


class Fields:
    """The fields of a request. Each is read once, and at the end none may be left.

    Errors describe a field and never show it: what a caller put into the wrong field may be what the vault is for.
    """

    def __init__(self, fields: object) -> None:
        """Store the caller's input.

        Raises:
            RequestError: It is not an object.
        """
        if not isinstance(fields, dict):
            raise RequestError("request", _described(fields), "an object")
        self._left = dict(fields)

    def read_id(self, name: str) -> str:
        """Read an id of a person or a user."""
        return self._read_text(name, _ID, "1 to 40 letters, digits and hyphens")

    def read_token(self, name: str) -> str:
        """Read a token."""
        return self._read_text(name, _TOKEN, "tok_ and 43 letters, digits, - and _")

    def read_value(self, name: str) -> str:
        """Read a value to keep."""
        allowed = f"a text of 1 to {LONGEST_VALUE} characters of Unicode"
        value = self._read(name, allowed)
        # Half of a surrogate pair is no character, and has no UTF-8.
        is_text = isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)
        if not is_text or not 1 <= len(value) <= LONGEST_VALUE:
            raise RequestError(name, _described(value), allowed)
        return str(value)

    def read_choice(self, name: str, choices: Iterable[str]) -> str:
        """Read one of few values."""
        allowed = " or ".join(choices)
        value = self._read(name, allowed)
        if not isinstance(value, str) or value not in choices:
            raise RequestError(name, _described(value), allowed)
        return value

    def read_life(self, name: str, *, wanted: bool) -> int | None:
        """Read for how many seconds a token is valid; one that does not expire has no such field."""
        if not wanted:
            return None
        allowed = f"a whole number of seconds from {SHORTEST_LIFE} to {LONGEST_LIFE}"
        value = self._read(name, allowed)
        # To Python, True is an int.
        if type(value) is not int or not SHORTEST_LIFE <= value <= LONGEST_LIFE:
            raise RequestError(name, _described(value), allowed)
        return value

    def end(self) -> None:
        """Reject unread fields."""
        for name, value in self._left.items():
            shown = name if isinstance(name, str) and _NAME.fullmatch(name) else "a field with another name"
            raise RequestError(shown, _described(value), "no such field")

    def _read_text(self, name: str, form: re.Pattern[str], allowed: str) -> str:
        value = self._read(name, allowed)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise RequestError(name, _described(value), allowed)
        return value

    def _read(self, name: str, allowed: str) -> Any:
        if name not in self._left:
            raise RequestError(name, "missing", allowed)
        return self._left.pop(name)


def _described(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"a text of {len(value)} characters that does not fit"
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return f"{kinds.get(type(value), 'something else')} that does not fit"
