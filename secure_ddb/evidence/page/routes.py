"""The ways of a drawing's arrows between the boxes."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.evidence.model import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secure_ddb.evidence.model import Arrow

# How far down or along a side an arrow leaves or arrives, so that flows do not share a point.
_LEVELS = {Flow.ALARM: 0.22, Flow.DATA: 0.5, Flow.KEY: 0.78}


class Cell(NamedTuple):
    """The place of a part."""

    column: int
    row: int


class Between(Enum):
    """Space in which arrows run."""

    CHANNEL = "left of a column"
    CORRIDOR = "above a row"


class Track(NamedTuple):
    """A way along a channel or corridor; arrows of one source and flow share it.

    Attributes:
        between: Channel or corridor.
        number: Of the column to its right or the row below it.
        source: The part where its arrows begin.
        flow: The flow of its arrows.
    """

    between: Between
    number: int
    source: str
    flow: Flow


class Route(NamedTuple):
    """The way of an arrow between the edges of two boxes; points on edges are shares of width and height."""

    leaves: tuple[float, float]
    tracks: tuple[Track, ...]
    arrives: tuple[float, float]


def route(arrow: Arrow, cells: Mapping[str, Cell]) -> Route:
    """Lead an arrow past all boxes: straight if nothing is in between, otherwise along channels and corridors."""

    def track(between: Between, number: int) -> Track:
        return Track(between, number, arrow.start, arrow.flow)

    start, end = cells[arrow.start], cells[arrow.end]
    level = _LEVELS[arrow.flow]
    if start.column == end.column and _free(start, end, cells):
        down = end.row > start.row
        return Route((level, float(down)), (), (level, float(not down)))
    right, left = (1.0, level), (0.0, level)
    if start.row == end.row and start.column < end.column and _free(start, end, cells):
        return Route(right, (), left)
    last = track(Between.CHANNEL, end.column)
    if arrow.flow is Flow.KEY or end.column <= start.column:
        down = end.row > start.row
        return Route((level, float(down)), (track(Between.CORRIDOR, start.row + down), last), left)
    if end.column == start.column + 1:
        return Route(right, (last,), left)
    first = track(Between.CHANNEL, start.column + 1)
    return Route(right, (first, track(Between.CORRIDOR, end.row), last), left)


def _free(start: Cell, end: Cell, cells: Mapping[str, Cell]) -> bool:
    """Return whether no box is between two of one row or column."""
    low, high = sorted((start, end))
    return not any(
        low.column <= cell.column <= high.column and low.row <= cell.row <= high.row
        for cell in cells.values()
        if cell not in (start, end)
    )
