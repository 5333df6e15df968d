"""Writes Python expressions as `ruff format` writes them. Text of the input only ever becomes a string literal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_WIDTH = 120
_INDENT = "    "


@dataclass(frozen=True)
class Raw:
    """An expression as it is, such as `AttributeType.STRING`."""

    text: str


@dataclass(frozen=True)
class Comment:
    """A line of its own among the arguments."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call.

    Attributes:
        function: The called function, such as `Billing.on_demand`.
        arguments: Positional arguments without a name, keyword arguments with theirs, and comments.
    """

    function: str
    arguments: tuple[tuple[str, Any], ...]


def call(function: str, *positional: Any, **named: Any) -> Call:  # noqa: ANN401 - any expression
    """Return a call without the arguments that are None."""
    given = [("", value) for value in positional] + [(name, each) for name, each in named.items() if each is not None]
    return Call(function, tuple(given))


def comment_text(text: str) -> str:
    """Return text that stays on the line of a comment."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())


def written(value: Any, indent: str, before: str = "", after: str = "") -> str:  # noqa: ANN401 - any expression
    """Return an expression as source.

    Args:
        value: A `Call`, `Raw`, or what JSON has.
        indent: Indentation of its line.
        before: The text before it on its line.
        after: The text after it.
    """
    flat = _flat(value)
    if flat is not None and len(indent) + len(before) + len(flat) + len(after) <= _WIDTH:
        return flat
    opening, items, closing = _parts(value)
    if not items:
        return flat or f"{opening}{closing}"
    inner = indent + _INDENT
    together = None if isinstance(value, list | dict) or flat is None else flat[len(opening) : -len(closing)]
    if together is not None and len(inner) + len(together) <= _WIDTH:
        return f"{opening}\n{inner}{together}\n{indent}{closing}"
    lines = []
    for name, item in items:
        if isinstance(item, Comment):
            lines.append(f"{inner}# {comment_text(item.text)}")
        else:
            lines.append(f"{inner}{name}{written(item, inner, name, ',')},")
    return "\n".join([opening, *lines, f"{indent}{closing}"])


def _parts(value: Any) -> tuple[str, list[tuple[str, Any]], str]:  # noqa: ANN401
    if isinstance(value, Call):
        return f"{value.function}(", [(f"{name}=" if name else "", each) for name, each in value.arguments], ")"
    if isinstance(value, dict):
        return "{", [(f"{literal(str(key))}: ", each) for key, each in value.items()], "}"
    if isinstance(value, list):
        return "[", [("", each) for each in value], "]"
    return "", [], ""


def _flat(value: Any) -> str | None:  # noqa: ANN401
    """Return an expression on one line, or None where a comment takes one of its own."""
    opening, items, closing = _parts(value)
    if not opening:
        return value.text if isinstance(value, Raw) else literal(value)
    found = []
    for name, item in items:
        flat = None if isinstance(item, Comment) else _flat(item)
        if flat is None:
            return None
        found.append(f"{name}{flat}")
    return f"{opening}{', '.join(found)}{closing}"


def literal(value: Any) -> str:  # noqa: ANN401 - what JSON has
    """Return a literal."""
    if not isinstance(value, str):
        return repr(value)
    # Whichever quotes need fewer escapes, and double ones otherwise.
    quote = "'" if value.count('"') > value.count("'") else '"'
    return f"{quote}{''.join(_escaped(each, quote) for each in value)}{quote}"


def _escaped(character: str, quote: str) -> str:
    if character in {"\\", quote}:
        return f"\\{character}"
    # Unprintable characters could make the code read differently from how it runs.
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def names_in(value: Any) -> set[str]:  # noqa: ANN401 - any expression
    """Return the names that an expression uses, such as `Billing`."""
    found = set()
    opening, items, _ = _parts(value)
    if isinstance(value, Raw):
        found.add(value.text.split(".")[0].split("(")[0])
    elif isinstance(value, Call):
        found.add(value.function.split(".")[0])
    if opening:
        for _, item in items:
            found |= names_in(item)
    return found
