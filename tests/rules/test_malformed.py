"""Templates that CloudFormation would refuse are not for rules to fail over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.rules.assembly import Assembly
from secure_ddb.rules.judge import judge
from tests.rules.handwritten import body, template

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES: list[Any] = [None, "x", 7, True, [], [[]], [7], {}, {"a": "b"}, {"Ref": ["a"]}, {"Fn::Join": 1}]
# All of them take minutes, and have been tried.
EACH = 47


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield (*path, name)
        yield from places(inner, (*path, name))


def test_a_value_of_any_other_kind_anywhere_is_judged() -> None:
    everything = [(place, value) for place in places(body()) for value in VALUES]
    for (*around, name), value in everything[::EACH]:
        content: Any = body()
        place = content
        for each in around:
            place = place[each]
        place[name] = value
        judge(Assembly([template(content)]))


@pytest.mark.parametrize("content", [{}, {"Resources": {}}, {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}])
def test_next_to_nothing_is_judged(content: Any) -> None:
    judge(Assembly([template(content)]))


def test_resources_that_refer_to_each_other_are_judged() -> None:
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": {"Ref": "Other"}}}
    other = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": {"Ref": "Table"}}}
    assert judge(Assembly([template({"Resources": {"Table": table, "Other": other}})]))
