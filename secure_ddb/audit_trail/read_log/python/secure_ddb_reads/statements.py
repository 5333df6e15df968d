"""What a PartiQL statement names. It is not parsed: only what stands before the table's name is looked at."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = r"""(?:"([^"]+)"|([A-Za-z0-9_-]+))"""
# Names and values in quotation marks can have any word in them.
_ANYTHING = r"""(?:"[^"]*"|'[^']*'|[^"'])*?"""
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
_SELECT = re.compile(
    rf"""\s*(?:EXISTS\s*\(\s*)?SELECT\b{_ANYTHING}\bFROM\s*{_NAME}(?:\s*\.\s*{_NAME})?""", re.IGNORECASE
)
_WRITE = re.compile(rf"""\s*(?:UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s*{_NAME}""", re.IGNORECASE)


class Statement(NamedTuple):
    """What a statement is about.

    Attributes:
        table: Name or ARN of the table; empty if it could not be found.
        index_name: Name of the index, or nothing.
        selects: Whether it is a SELECT.
    """

    table: str
    index_name: str
    selects: bool


def read_statement(text: str) -> Statement:
    """Return what a PartiQL statement names."""
    if found := _SELECT.match(text):
        quoted, bare, quoted_index, bare_index = found.groups()
        return Statement(quoted or bare, quoted_index or bare_index or "", selects=True)
    if found := _WRITE.match(text):
        return Statement(found[1] or found[2], "", selects=False)
    return Statement("", "", selects=text.lstrip()[:6].upper() not in ("UPDATE", "DELETE", "INSERT"))
