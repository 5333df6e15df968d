"""What callers may ask for. Whatever else they send is refused before the table is asked for anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_LINES = 50
_MOST_OF_ONE = 1000
_LONGEST_SHOWN = 60


class RequestError(Exception):
    """A request that is refused.

    Attributes:
        field: The field at fault, such as `lines[0].quantity`.
    """

    def __init__(self, field: str, value: str, allowed: str) -> None:
        """Store the field, its value in words, and the allowed values."""
        super().__init__(f"{field} is {value}; allowed: {allowed}")
        self.field = field


class _Form(NamedTuple):
    """What a text has to look like."""

    pattern: re.Pattern[str]
    allowed: str


_ID = _Form(re.compile(r"[A-Za-z0-9-]{1,40}"), "1 to 40 letters, digits and hyphens")
_EMAIL = _Form(re.compile(r"(?=.{3,254}\Z)[^@\s]+@[^@\s]+"), "an e-mail address of at most 254 characters")
# Text, because Lambda reads a JSON number with a fraction as a float, and no float is 0.10.
_PRICE = _Form(re.compile(r"[0-9]{1,6}\.[0-9]{2}"), "a text with two decimals, such as '12.50'")


class Fields:
    """The fields of a request or of a part of one. Each is read once, and at the end none may be left."""

    def __init__(self, fields: object, place: str = "") -> None:
        """Store the fields.

        Args:
            fields: What the caller sent.
            place: Where in the request it is; empty for the request itself.

        Raises:
            RequestError: It is not an object.
        """
        if not isinstance(fields, dict):
            raise RequestError(place or "request", _shown(fields), "an object")
        self._left = dict(fields)
        self._place = place

    def read_id(self, name: str) -> str:
        """Read an id of a customer, an order or an article."""
        return self._read_text(name, _ID)

    def read_optional_id(self, name: str) -> str:
        """Read an id; one that is missing is empty."""
        return self.read_id(name) if name in self._left else ""

    def read_email(self, name: str) -> str:
        """Read an e-mail address."""
        return self._read_text(name, _EMAIL)

    def read_price(self, name: str) -> Decimal:
        """Read a price."""
        return Decimal(self._read_text(name, _PRICE))

    def read_quantity(self, name: str) -> int:
        """Read a number of pieces."""
        allowed = f"a whole number from 1 to {_MOST_OF_ONE}"
        value = self._read(name, allowed)
        # To Python, True is an int.
        if type(value) is not int or not 1 <= value <= _MOST_OF_ONE:
            raise self.refusal(name, value, allowed)
        return value

    def read_choice(self, name: str, choices: Iterable[str]) -> str:
        """Read one of few values."""
        allowed = " or ".join(choices)
        value = self._read(name, allowed)
        if not isinstance(value, str) or value not in choices:
            raise self.refusal(name, value, allowed)
        return value

    def read_parts(self, name: str, most: int) -> list[Fields]:
        """Read a list of objects."""
        allowed = f"a list of 1 to {most}"
        value = self._read(name, allowed)
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            raise self.refusal(name, value, allowed)
        return [Fields(part, f"{self._named(name)}[{position}]") for position, part in enumerate(value)]

    def end(self) -> None:
        """Reject unread fields."""
        for name, value in self._left.items():
            raise self.refusal(str(name), value, "no such field")

    def refusal(self, name: str, value: object, allowed: str) -> RequestError:
        """Return an error about a field."""
        return RequestError(self._named(name), _shown(value), allowed)

    def _read_text(self, name: str, form: _Form) -> str:
        value = self._read(name, form.allowed)
        if not isinstance(value, str) or not form.pattern.fullmatch(value):
            raise self.refusal(name, value, form.allowed)
        return value

    def _read(self, name: str, allowed: str) -> Any:
        if name not in self._left:
            raise RequestError(self._named(name), "missing", allowed)
        return self._left.pop(name)

    def _named(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name


@dataclass(frozen=True)
class Line:
    """Some pieces of one article."""

    sku: str
    quantity: int
    price: Decimal


@dataclass(frozen=True)
class Order:
    """An order to place. Its id is the caller's choice: the same id is the same order."""

    customer: str
    order: str
    email: str
    lines: tuple[Line, ...]

    @classmethod
    def read(cls, fields: Fields) -> Order:
        """Read a request.

        Raises:
            RequestError: A field is missing, wrong or not known.
        """
        lines: list[Line] = []
        for part in fields.read_parts("lines", MOST_LINES):
            line = Line(part.read_id("sku"), part.read_quantity("quantity"), part.read_price("price"))
            part.end()
            if line.sku in {earlier.sku for earlier in lines}:
                raise part.refusal("sku", line.sku, "each article in one line")
            lines.append(line)
        order = cls(fields.read_id("customer"), fields.read_id("order"), fields.read_email("email"), tuple(lines))
        fields.end()
        return order

    @property
    def total(self) -> Decimal:
        """What it costs."""
        return sum((line.price * line.quantity for line in self.lines), Decimal())


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."
