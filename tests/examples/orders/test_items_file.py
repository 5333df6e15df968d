"""A file of items is checked as a whole, and each fault is named by the item's place and the field."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from examples.orders.items_file import SCHEMA, ItemsFileError, read_items
from examples.orders.service.orders import _new
from examples.orders.service.requests import Fields, Order
from tests.examples.orders.test_order_requests import ORDER as REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples/orders/items.json"
ACCOUNT = {"customer": "C-1001", "record": "account", "credit": 250}
ORDER = {
    "customer": "C-1001",
    "record": "order#A-1",
    "status": "placed",
    "placed_at": "2026-10-05T09:30:00Z",
    "changed_at": "2026-10-05T09:30:00Z",
    "email": "anna@example.com",
    "lines": [{"sku": "TEA-100", "quantity": 2}],
    "prices": {"TEA-100": 4},
    "total": 8,
}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({**ACCOUNT, "credit": -1}, "item 1: $.credit: -1 is less than the minimum of 0"),
    ({**ACCOUNT, "credit": "250"}, "item 1: $.credit: '250' is not of type 'number'"),
    ({**ACCOUNT, "status": "placed"}, "item 1: $: Additional properties are not allowed ('status' was unexpected)"),
    ({**ORDER, "customer": ""}, "item 1: $.customer: '' does not match"),
    ({**ORDER, "customer": "C-1001\n"}, "item 1: $.customer: 'C-1001\\n' does not match"),
    ({**ORDER, "record": "order#"}, "item 1: $.record: 'order#' does not match"),
    ({**ORDER, "record": "account\n"}, "item 1: $.record: 'account\\n' does not match"),
    ({**ORDER, "status": "lost"}, "item 1: $.status: 'lost' is not one of"),
    ({**ORDER, "placed_at": "2026-10-05"}, "item 1: $.placed_at: '2026-10-05' does not match"),
    ({**ORDER, "email": "anna"}, "item 1: $.email: 'anna' does not match"),
    ({**ORDER, "lines": []}, "item 1: $.lines: [] should be non-empty"),
    ({**ORDER, "lines": [{"sku": "TEA-100", "quantity": 0}]}, "item 1: $.lines[0].quantity: 0 is less than"),
    ({**ORDER, "lines": [{"sku": "TEA-100", "quantity": 1.5}]}, "item 1: $.lines[0].quantity: Decimal('1.5') is not"),
    ({**ORDER, "prices": {"TEA-100": "4"}}, "item 1: $.prices['TEA-100']: '4' is not of type 'number'"),
]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], list[dict[str, Any]]]:
    """Return what reads a text as a file of items."""

    def read_text(text: str) -> list[dict[str, Any]]:
        file = tmp_path / "items.json"
        file.write_text(text, encoding="utf-8")
        return read_items(file)

    return read_text


def test_the_example_can_be_loaded() -> None:
    assert len(read_items(EXAMPLE)) == 4


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_accepts_what_the_service_writes() -> None:
    item = _new(Order.read(Fields(REQUEST)))
    assert [*Draft202012Validator(SCHEMA).iter_errors(item)] == []


def test_numbers_keep_every_digit(read: Callable[..., Any]) -> None:
    digits = "123456789012345678901234567890.12345678"
    (item,) = read(json.dumps([ACCOUNT]).replace("250", digits))
    assert item["credit"] == Decimal(digits)


@pytest.mark.parametrize("number", ["0." + "1" * 39, "1e126", "1e-131", "1e400", "1" * 39])
def test_a_number_that_dynamodb_cannot_hold_is_refused(read: Callable[..., Any], number: str) -> None:
    with pytest.raises(ItemsFileError, match=r"item 0: \$\.credit: .*; allowed: numbers of at most 38 digits"):
        read(json.dumps([ACCOUNT]).replace("250", number))


@pytest.mark.parametrize(("item", "problem"), WRONG)
def test_a_wrong_item_is_named_with_its_field(read: Callable[..., Any], item: dict[str, Any], problem: str) -> None:
    with pytest.raises(ItemsFileError) as raised:
        read(json.dumps([{**ACCOUNT, "customer": "C-1"}, item]))
    heading, *problems = str(raised.value).splitlines()
    assert heading == "items.json cannot be loaded:"
    assert problems[0].startswith(problem)
    assert len(problems) == 1


@pytest.mark.parametrize("name", ORDER)
def test_a_missing_field_is_named(read: Callable[..., Any], name: str) -> None:
    item = {key: value for key, value in ORDER.items() if key != name}
    with pytest.raises(ItemsFileError, match=rf"item 0: .*'{name}' is a required property"):
        read(json.dumps([item]))


def test_faults_of_several_items_are_named_together(read: Callable[..., Any]) -> None:
    wrong = [{**ACCOUNT, "credit": -place} for place in range(1, 16)]
    with pytest.raises(ItemsFileError) as raised:
        read(json.dumps(wrong))
    lines = str(raised.value).splitlines()
    assert lines[1].startswith("item 0: ")
    assert lines[10].startswith("item 9: ")
    assert lines[11:] == ["and 5 more"]


def test_the_page_shows_an_error_as_it_is(read: Callable[..., Any]) -> None:
    accounts = [{**ACCOUNT, "customer": f"C-{number}"} for number in range(3)]
    with pytest.raises(ItemsFileError) as raised:
        read(json.dumps([*accounts, {**ORDER, "lines": [{"sku": "TEA-100", "quantity": 0}]}]))
    assert f"`{str(raised.value).splitlines()[1]}`" in (ROOT / "docs/orders.md").read_text(encoding="utf-8")


def test_two_items_with_the_same_key_are_refused(read: Callable[..., Any]) -> None:
    with pytest.raises(ItemsFileError, match=r"item 2: .*: item 0 has the same customer and record"):
        read(json.dumps([ACCOUNT, ORDER, {**ACCOUNT, "credit": 1}]))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("{}", "allowed: a list of at least one item"),
        ("[]", "allowed: a list of at least one item"),
        ("[1]", "item 0: $: 1 is not of type 'object'"),
        ('[{"customer": "C-1", "customer": "C-2"}]', "a field stands twice in one object: customer"),
        ('[{"customer": "C-1", "record": "account", "credit": NaN}]', "NaN is no number that a table can hold"),
    ],
)
def test_what_is_no_list_of_items_is_refused(read: Callable[..., Any], text: str, problem: str) -> None:
    with pytest.raises(ItemsFileError) as raised:
        read(text)
    assert problem in str(raised.value)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "items.json"
    file.write_bytes(b'[{"customer": "\xff"}]')
    with pytest.raises(ItemsFileError, match="is not JSON"):
        read_items(file)
