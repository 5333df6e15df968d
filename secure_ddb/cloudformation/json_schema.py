"""Of which shape a JSON file has to be, so that whoever reads it need not ask at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES: Mapping[type, str] = {dict: "object", list: "list", str: "text", bool: "boolean"}


class ShapeError(ValueError):
    """A file says what it should in another shape."""


class Shape(NamedTuple):
    """What is asked of a value.

    Attributes:
        kind: What it is.
        members: Of an object, what its members are. One that is null is taken for missing.
        required: Which of them must be there.
        each: What each item of a list, and each other member of an object, is.
    """

    kind: type
    members: Mapping[str, Shape] = {}
    required: frozenset[str] = frozenset()
    each: Shape | None = None


TEXT = Shape(str)
TEXTS = Shape(list, each=TEXT)


def check_shape(value: Any, shape: Shape, place: str = "it") -> None:  # noqa: ANN401 - what JSON has
    """Refuse a value of another shape.

    Args:
        value: What was read. Members that are null are taken out of its objects.
        shape: What is asked of it.
        place: Where it stands, such as `artifacts.Orders`.

    Raises:
        ShapeError: It has another shape.
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
