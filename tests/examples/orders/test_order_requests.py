"""Requests to the order service are refused by the field at fault."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from examples.orders.service.requests import Fields, Line, Order, RequestError

LINE = {"sku": "TEA-100", "quantity": 2, "price": "4.95"}
ORDER = {"customer": "C-1001", "order": "A-1", "email": "anna@example.com", "lines": [LINE]}

REFUSED: list[tuple[Any, str, str]] = [
    ([], "request", "an object"),
    ({**ORDER, "customer": ""}, "customer", "1 to 40 letters, digits and hyphens"),
    ({**ORDER, "customer": "C-1001\n"}, "customer", "1 to 40 letters, digits and hyphens"),
    ({**ORDER, "customer": 1001}, "customer", "1 to 40 letters, digits and hyphens"),
    ({**ORDER, "order": "A#1"}, "order", "1 to 40 letters, digits and hyphens"),
    ({**ORDER, "order": "x" * 41}, "order", "1 to 40 letters, digits and hyphens"),
    ({**ORDER, "email": "anna"}, "email", "an e-mail address of at most 254 characters"),
    ({**ORDER, "email": "anna@example.com\n"}, "email", "an e-mail address of at most 254 characters"),
    ({**ORDER, "email": f"{'a' * 251}@b.c"}, "email", "an e-mail address of at most 254 characters"),
    ({**ORDER, "lines": []}, "lines", "a list of 1 to 50"),
    ({**ORDER, "lines": LINE}, "lines", "a list of 1 to 50"),
    ({**ORDER, "lines": [LINE] * 51}, "lines", "a list of 1 to 50"),
    ({**ORDER, "lines": [LINE, "TEA-100"]}, "lines[1]", "an object"),
    ({**ORDER, "lines": [LINE, LINE]}, "lines[1].sku", "each article in one line"),
    ({**ORDER, "lines": [{**LINE, "quantity": 0}]}, "lines[0].quantity", "a whole number from 1 to 1000"),
    ({**ORDER, "lines": [{**LINE, "quantity": 1001}]}, "lines[0].quantity", "a whole number from 1 to 1000"),
    ({**ORDER, "lines": [{**LINE, "quantity": True}]}, "lines[0].quantity", "a whole number from 1 to 1000"),
    ({**ORDER, "lines": [{**LINE, "quantity": 1.5}]}, "lines[0].quantity", "a whole number from 1 to 1000"),
    ({**ORDER, "lines": [{**LINE, "price": 4.95}]}, "lines[0].price", "a text with two decimals, such as '12.50'"),
    ({**ORDER, "lines": [{**LINE, "price": "-4.95"}]}, "lines[0].price", "a text with two decimals, such as '12.50'"),
    ({**ORDER, "lines": [{**LINE, "price": "٤.٩٥"}]}, "lines[0].price", "a text with two decimals, such as '12.50'"),
    ({**ORDER, "lines": [{**LINE, "gift": True}]}, "lines[0].gift", "no such field"),
    ({**ORDER, "status": "shipped"}, "status", "no such field"),
]


def test_an_order_is_read() -> None:
    order = Order.read(Fields({**ORDER, "lines": [LINE, {"sku": "CUP-7", "quantity": 1, "price": "12.10"}]}))
    assert order.lines == (Line("TEA-100", 2, Decimal("4.95")), Line("CUP-7", 1, Decimal("12.10")))
    assert order.total == Decimal("22.00")


@pytest.mark.parametrize(("request_", "field", "allowed"), REFUSED)
def test_a_wrong_request_is_refused_by_its_field(request_: Any, field: str, allowed: str) -> None:
    with pytest.raises(RequestError) as raised:
        Order.read(Fields(request_))
    assert raised.value.field == field
    assert str(raised.value).startswith(f"{field} is ")
    assert str(raised.value).endswith(f"; allowed: {allowed}")


@pytest.mark.parametrize("name", ORDER)
def test_a_missing_field_is_named(name: str) -> None:
    with pytest.raises(RequestError, match=f"^{name} is missing; allowed: "):
        Order.read(Fields({key: value for key, value in ORDER.items() if key != name}))


@pytest.mark.parametrize("name", LINE)
def test_a_missing_field_of_a_line_is_named(name: str) -> None:
    line = {key: value for key, value in LINE.items() if key != name}
    with pytest.raises(RequestError, match=rf"^lines\[0\]\.{name} is missing; allowed: "):
        Order.read(Fields({**ORDER, "lines": [line]}))


def test_a_long_value_is_shown_in_part() -> None:
    with pytest.raises(RequestError) as raised:
        Order.read(Fields({**ORDER, "order": "x" * 100_000}))
    assert len(str(raised.value)) < 200


def test_the_caller_s_request_is_left_as_it_is() -> None:
    request = {**ORDER, "lines": [{**LINE}]}
    Order.read(Fields(request))
    assert request == ORDER


def test_the_page_shows_an_error_as_it_is() -> None:
    with pytest.raises(RequestError) as raised:
        Order.read(Fields({**ORDER, "lines": [{**LINE, "quantity": 0}]}))
    assert f"`{raised.value}`" in " ".join(
        (Path(__file__).parents[3] / "docs/orders.md").read_text(encoding="utf-8").split()
    )
