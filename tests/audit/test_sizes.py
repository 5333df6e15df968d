"""Types and sizes of values, as docs/audit-trail.md counts them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.audit.checks import golden
from tests.audit.lines import line_of
from tests.audit.strategies import record

KEY = {"id": {"S": "1"}}


def _line(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return line_of(
        record({"eventName": "MODIFY", "dynamodb": {"Keys": KEY, "OldImage": KEY | old, "NewImage": KEY | new}})
    )


def _nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "deep"}
    for level in range(levels):
        value = {"L": [value]} if level % 2 else {"M": {"x": value}}
    return value


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "plain"}, 5),
        ({"S": "Größe"}, 7),
        ({"S": "\u20ac"}, 3),
        ({"S": "\U0001f600"}, 4),
        ({"S": "\ud800"}, 3),
        ({"S": '{"json":"\n"}'}, 12),
        ({"S": "x" * 400_000}, 400_000),
        ({"N": "0"}, 1),
        ({"N": "-77777777777777777777777777777777777772"}, 39),
        ({"N": "1E+125"}, 6),
        ({"B": ""}, 0),
        ({"B": "/w=="}, 1),
        ({"B": "//8="}, 2),
        ({"B": "////"}, 3),
        ({"B": base64.b64encode(bytes(range(256))).decode()}, 256),
        ({"B": "A" * 400_000}, 300_000),
        ({"BOOL": True}, 1),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "\u20ac"]}, 4),
        ({"NS": ["1", "-2.5"]}, 5),
        ({"BS": ["/w==", "////"]}, 4),
        ({"L": []}, 0),
        ({"L": [{"S": "\u20ac"}, {"N": "12"}, {"B": "/w=="}, {"BOOL": True}, {"NULL": True}]}, 8),
        ({"L": [{"SS": ["ab"]}, {"NS": ["1"]}, {"BS": ["//8="]}]}, 5),
        ({"M": {}}, 0),
        ({"M": {"\u20ac": {"S": "x"}, "n": {"N": "1"}}}, 6),
        ({"M": {"a": {"L": [{"M": {"b": {"S": "cd"}}}, {"L": [{"S": "\u20ac"}]}]}}}, 7),
        # DynamoDB allows 32 levels.
        (_nested(32), 16 + 4),
        (_nested(300), 150 + 4),
    ],
)
def test_a_value_has_its_type_and_size(value: dict[str, Any], size: int) -> None:
    (kind,) = value
    assert _line({}, {"it": value})["added"] == {"it": [kind, size]}
    assert _line({"it": value}, {})["removed"] == {"it": [kind, size]}
    assert _line({"it": {"S": "before"}}, {"it": value})["changed"] == {"it": ["S", 6, kind, size]}
    assert _line({"it": value}, {"it": {"NULL": True}, "other": {"N": "1"}})["added"] == {"other": ["N", 1]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"N": "1"}, {"S": "1"}),
        ({"N": "77777777777777777777777777777777777771"}, {"N": "77777777777777777777777777777777777772"}),
        ({"S": "e\u0301"}, {"S": "\u00e9"}),
        ({"S": ""}, {"NULL": True}),
        ({"BOOL": True}, {"BOOL": False}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"M": {"a": {"M": {"b": {"N": "1"}}}}}, {"M": {"a": {"M": {"b": {"N": "2"}}}}}),
    ],
)
def test_what_is_not_written_alike_has_changed(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert list(_line({"it": old, "same": old}, {"it": new, "same": old})["changed"]) == ["it"]


def test_attributes_of_a_map_in_another_order_have_not_changed() -> None:
    old = {"M": {"a": {"N": "1"}, "b": {"N": "2"}}}
    new = {"M": {"b": {"N": "2"}, "a": {"N": "1"}}}
    assert "changed" not in _line({"it": old}, {"it": new})


def test_an_item_of_400_kb_is_one_line_of_ordinary_length() -> None:
    attributes = {f"attribute {number}": {"S": "x" * 3900} for number in range(100)}
    line = line_of(
        record({"eventName": "INSERT", "dynamodb": {"Keys": KEY, "NewImage": KEY | attributes}}),
    )
    assert line["added"] == {name: ["S", 3900] for name in attributes}


def test_a_time_with_a_fraction_is_written_as_it_is() -> None:
    insert = golden("insert")
    insert["dynamodb"]["ApproximateCreationDateTime"] = 1764230401.25
    assert line_of(insert)["created"] == 1764230401.25
