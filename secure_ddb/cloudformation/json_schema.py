"""The shape of a JSON file, checked once when it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES: Mapping[type, str] = {dict: "object", list: "list", str: "text", bool: "boolean"}


class ShapeError(ValueError):
    """A file has another shape than expected."""


class Shape(NamedTuple):
    """The required shape of a value.

    Attributes:
        kind: Its type.
        members: The members of an object. One that is null is taken for missing.
        required: Names of members that must be there.
        each: Each item of a list, and each other member of an object.
    """

    kind: type
    members: Mapping[str, Shape] = {}
    required: frozenset[str] = frozenset()
    each: Shape | None = None


TEXT = Shape(str)
TEXTS = Shape(list, each=TEXT)


def check_shape(value: Any, shape: Shape, place: str = "it") -> None:  # noqa: ANN401 - what JSON has
    """Check a value, and take members that are null out of its objects.

    Raises:
        ShapeError: It has another shape; `place`, such as `artifacts.Orders`, is where.
    """
    if not isinstance(value, shape.kind):
        raise ShapeError(f"{place} is no {_NAMES[shape.kind]}")
    if isinstance(value, dict):
        _check_members(value, shape, place)
    elif isinstance(value, list) and shape.each:
        for position, inner in enumerate(value):
            check_shape(inner, shape.each, f"{place}.{position}")


def _check_members(value: dict[str, Any], shape: Shape, place: str) -> None:
    for name in [name for name, inner in value.items() if inner is None and name in shape.members]:
        del value[name]
    missing = sorted(shape.required - value.keys())
    if missing:
        raise ShapeError(f"{place} has no {missing[0]}")
    for name, inner in value.items():
        asked = shape.members.get(name, shape.each)
        if asked:
            check_shape(inner, asked, name if place == "it" else f"{place}.{name}")
