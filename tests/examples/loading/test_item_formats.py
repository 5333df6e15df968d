"""Items are read out of each format, and what DynamoDB would not take is refused by line and field, without values."""

from __future__ import annotations

import gzip
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from boto3.dynamodb.types import TypeSerializer  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from examples.loading.formats import SourceError, read_items
from examples.loading.table_keys import TableKeys
from examples.loading.values import RefusedError, as_sent, same

if TYPE_CHECKING:
    from examples.loading.values import Item

KEYS = TableKeys(("category", "product"), {"category": "S", "product": "S", "rank": "N", "mark": "B"})
TOY: Item = {"category": {"S": "toys"}, "product": {"S": "T-1"}}


def read(name: str, content: str | bytes) -> list[tuple[int, Any]]:
    """Return the items of a file with their lines, and of those that are refused the field and the reason."""
    data = content if isinstance(content, bytes) else content.encode()
    found: list[tuple[int, Any]] = []
    for line, item in read_items(name, io.BytesIO(data), KEYS):
        try:
            if isinstance(item, RefusedError):
                raise item
            found.append((line, KEYS.check(item)))
        except RefusedError as error:
            found.append((line, str(error)))
    return found


def exported(*items: object) -> str:
    return "".join(f"{json.dumps({'Item': item})}\n" for item in items)


def test_lines_of_an_export_are_read_packed_or_not() -> None:
    text = exported(TOY, {**TOY, "mark": {"B": "AAE="}})
    expected = [(1, TOY), (2, {**TOY, "mark": {"B": b"\x00\x01"}})]
    assert read("a.json", text) == expected
    assert read("a.json.gz", gzip.compress(text.encode())) == expected
    assert read("a.jsonl", f"\n\n{text}") == [(line + 2, item) for line, item in expected]
    assert read("a.json", "") == []


def test_a_list_of_plain_json_keeps_every_digit_and_its_lines() -> None:
    text = '[\n {"category": "toys", "product": "T-1",\n  "price": 0.1, "tags": ["a", null, true]},\n\n {"a": 1}\n]'
    assert read("a.json", text) == [
        (2, {**TOY, "price": {"N": "0.1"}, "tags": {"L": [{"S": "a"}, {"NULL": True}, {"BOOL": True}]}}),
        (5, "$.category: missing, and a key of the table"),
    ]
    assert read("a.json", "\n[]\n") == []


def test_csv_has_the_types_of_the_keys_and_no_empty_attributes() -> None:
    text = 'category,product,rank,mark,note\ntoys,"T\n1",7,AAE=,\ntoys,T-2,,,"a ""b"""\ntoys\n'
    assert read("a.csv", text) == [
        (2, {"category": {"S": "toys"}, "product": {"S": "T\n1"}, "rank": {"N": "7"}, "mark": {"B": b"\x00\x01"}}),
        (4, {"category": {"S": "toys"}, "product": {"S": "T-2"}, "note": {"S": 'a "b"'}}),
        (5, "$: 1 cells; the header has 5"),
    ]
    assert "stands twice" in read("a.csv", "a,a\n1,2\n")[0][1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1", "neither , nor ] behind an item"),
        ("[1]", "$: not an item"),
        ("[{}", "neither , nor ]"),
        ("[{]", "not JSON, so the rest was not read"),
        ("[] x", "text behind the end"),
        ('[{"category": 1, "category": 2}]', "a field stands twice in one object: category"),
        ('[{"category": NaN}]', "NaN is no number"),
        (f'[{{"a": {"9" * 39}}}]', "$.a: a number of more than 38 digits"),
        ("x", "not JSON"),
        ('{"a": 1}', 'not {"Item": {...}}'),
        ('{"Metadata": {}, "Keys": {}, "NewImage": {}}', "of an incremental export, which is not loaded"),
    ],
)
def test_what_is_no_item_is_refused(text: str, said: str) -> None:
    assert said in read("a.json", text)[-1][1]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"product": {"N": "1"}}, "$.product: N; as a key of the table or an index it is S"),
        ({"product": {"S": ""}}, "$.product: empty, and a key"),
        ({"product": {"S": "x" * 1025}}, "$.product: more than 1,024 bytes"),
        ({"category": {"S": "ä" * 1025}}, "$.category: more than 2,048 bytes"),
        ({"rank": {"S": "first"}}, "$.rank: S; as a key"),
        ({"a": "text"}, '$.a: not a value with its type, such as {"S": "text"}'),
        ({"a": {"S": "x", "N": "1"}}, "$.a: not a value"),
        ({"a": {"X": "x"}}, "$.a: not of the type that it names"),
        ({"a": {"S": 1}}, "$.a: not of the type"),
        ({"a": {"NULL": False}}, "$.a: not of the type"),
        ({"a": {"B": "?"}}, "$.a: not base64"),
        ({"a": {"S": "\ud800"}}, "$.a: half a character"),
        ({"": {"S": "x"}}, "$: an attribute whose name is empty"),
        *(
            ({"a": {"N": text}}, "$.a: not a number of at most 38 digits")
            for text in ("", "x", "NaN", "1E126", "1E-131")
        ),
        ({"a": {"N": "1" * 39}}, "$.a: not a number"),
        ({"a": {"SS": []}}, "$.a: not a list of at least one member"),
        ({"a": {"NS": ["1", "1.0"]}}, "$.a: a member stands twice"),
        ({"a": {"L": [{"M": {"b": {"N": "x"}}}]}}, "$.a[0].b: not a number"),
        ({"a": {"S": "x" * 409_600}}, "$: more than 400 KB"),
    ],
)
def test_what_dynamodb_would_not_take_is_refused_by_field(changed: dict[str, Any], said: str) -> None:
    ((line, refused),) = read("a.json", exported({**TOY, **changed}))
    assert line == 1
    assert refused.startswith(said)


def test_depth_is_limited() -> None:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(31):
        value = {"L": [value]}
    assert as_sent("$.a", value) == value
    with pytest.raises(RefusedError, match="more than 32 levels"):
        as_sent("$.a", {"L": [value]})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.ion.gz", "ends in .ion; allowed: .json, .jsonl or .csv, and each of them with .gz; export or write it as"),
        ("a.zst", "ends in .zst; allowed"),
        ("a", "ends in nothing"),
        ("a.json.gz", "a.json.gz cannot be read to its end"),
    ],
)
def test_other_files_are_refused(name: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read(name, b"\xff")


def test_a_file_that_is_cut_off_is_refused() -> None:
    packed = gzip.compress(exported(*[TOY] * 9).encode())
    with pytest.raises(SourceError, match="cannot be read to its end"):
        read("a.json.gz", packed[:-9])
    # A byte that was altered within the compressed data is no error of gzip's own.
    altered = packed[:11] + bytes([packed[11] ^ 0xFF]) + packed[12:]
    with pytest.raises(SourceError, match="cannot be read to its end"):
        read("a.json.gz", altered)


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(10**30), 10**30) | st.decimals(-9, 9, places=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(_PLAIN)
def test_what_boto3_makes_of_any_value_is_taken_and_is_the_same(value: Any) -> None:
    typed = TypeSerializer().serialize(value)
    assert as_sent("$", typed) == typed
    assert same({"a": typed}, {"a": as_sent("$", json.loads(json.dumps(typed)))})


def test_order_of_sets_and_zeros_of_numbers_make_no_difference() -> None:
    one: Item = {"a": {"NS": ["1", "2.50"]}, "b": {"M": {"c": {"N": str(Decimal("1.0"))}}}}
    assert same(one, {"b": {"M": {"c": {"N": "1"}}}, "a": {"NS": ["2.5", "1"]}})
    assert not same(one, {**one, "b": {"L": []}})
    assert not same({"a": {"S": "1"}}, {"a": {"N": "1"}})
