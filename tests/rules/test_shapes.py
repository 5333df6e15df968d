"""A value of another shape is refused with its place and what it should be."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.cloudformation.json_schema import TEXT, TEXTS, Shape, ShapeError, check_shape

ITEM = Shape(dict, {"name": TEXT, "paths": TEXTS}, frozenset({"name"}))
WHOLE = Shape(dict, {"items": Shape(list, each=ITEM)}, each=TEXT)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "it is no object"),
        ({"items": {}}, "items is no list"),
        ({"items": ["x"]}, "items.0 is no object"),
        ({"items": [{"name": "a"}, {}]}, "items.1 has no name"),
        ({"items": [{"name": None}]}, "items.0 has no name"),
        ({"items": [{"name": 7}]}, "items.0.name is no text"),
        ({"items": [{"name": "a", "paths": ["b", None]}]}, "items.0.paths.1 is no text"),
        ({"other": 7}, "other is no text"),
    ],
)
def test_another_shape_is_refused(value: Any, said: str) -> None:
    with pytest.raises(ShapeError, match=f"^{said}$"):
        check_shape(value, WHOLE)


def test_what_is_not_asked_for_may_be_anything() -> None:
    check_shape({"items": [{"name": "a", "more": {"x": None}}]}, WHOLE)


def test_null_is_taken_for_missing() -> None:
    value = {"items": [{"name": "a", "paths": None, "more": None}]}
    check_shape(value, WHOLE)
    assert value == {"items": [{"name": "a", "more": None}]}
