"""Contacts of customers: what one has to look like. Whatever else is sent is refused before the table is asked."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

_LONGEST_SHOWN = 60


class RequestError(Exception):
    """A request that is refused.

    Attributes:
        field: The field at fault.
        status: The HTTP status of the answer.
    """

    def __init__(self, field: str, value: str, allowed: str, status: int = 400) -> None:
        """Store the field, its value in words, and the allowed values."""
        super().__init__(f"{field} is {value}; allowed: {allowed}")
        self.field, self.status = field, status


class Form(NamedTuple):
    """What a text has to look like, and whether it may be missing."""

    pattern: re.Pattern[str]
    allowed: str
    is_optional: bool = False


CUSTOMER = Form(re.compile(r"[A-Za-z0-9-]{1,40}"), "1 to 40 letters, digits and hyphens")
FIELDS = {
    "name": Form(re.compile(r"[^\W\d_][\w .,'-]{0,99}"), "1 to 100 letters, spaces, dots, commas and hyphens"),
    "email": Form(re.compile(r"(?=.{3,254}\Z)[^@\s]+@[^@\s]+"), "an e-mail address of at most 254 characters"),
    "phone": Form(re.compile(r"\+[0-9]{7,15}"), "+ and 7 to 15 digits", is_optional=True),
}


def read_customer(value: object) -> str:
    """Return the id of the customer out of the path.

    Raises:
        RequestError: It is none.
    """
    return _read("customer", value, CUSTOMER)


def read_contact(body: object) -> dict[str, str]:
    """Return a contact out of the body of a request.

    Raises:
        RequestError: It is no JSON, or a field is missing, wrong, not known or there twice.
    """
    allowed = "an object in JSON"
    if not isinstance(body, str):
        raise RequestError("body", "missing", allowed)
    try:
        fields = json.loads(body, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        raise RequestError("body", _shown(body), allowed) from None
    if not isinstance(fields, dict):
        raise RequestError("body", _shown(fields), allowed)
    for name, value in fields.items():
        if name not in FIELDS:
            raise RequestError(name, _shown(value), "no such field")
    return {
        name: _read(name, fields.get(name), form)
        for name, form in FIELDS.items()
        if name in fields or not form.is_optional
    }


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Otherwise the last one counts here, and perhaps another one for AWS WAF.
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise RequestError(name, "there twice", "each field once")
        fields[name] = value
    return fields


def _read(name: str, value: object, form: Form) -> str:
    if value is None:
        raise RequestError(name, "missing", form.allowed)
    if not isinstance(value, str) or not form.pattern.fullmatch(value):
        raise RequestError(name, _shown(value), form.allowed)
    return value


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."
