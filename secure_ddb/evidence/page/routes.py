"""Which way an arrow of a drawing takes between the boxes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.evidence.model import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secure_ddb.evidence.model import Arrow

# How far down or along a side an arrow leaves or arrives, so that flows do not share a point.
_LEVELS = {Flow.ALARM: 0.22, Flow.DATA: 0.5, Flow.KEY: 0.78}


class Cell(NamedTuple):
    """Where a part stands."""

    column: int
    row: int


class Between(Enum):
    """Space in which arrows run."""

    CHANNEL = "left of a column"
    CORRIDOR = "above a row"


@dataclass(frozen=True, kw_only=True)
class Track:
    """A way along a channel or corridor; arrows of one source and flow share it.

    Attributes:
        between: Channel or corridor.
        number: Of the column to its right or the row below it.
        source: The part where its arrows begin.
        flow: What flows.
    """

    between: Between
    number: int
    source: str
    flow: Flow


@dataclass(frozen=True, kw_only=True)
class Port:
    """A point on the edge of a box, as shares of its width and height."""

    part: str
    across: float
    down: float


@dataclass(frozen=True, kw_only=True)
class Route:
    """The way of an arrow."""

    start: Port
    tracks: tuple[Track, ...]
    end: Port


def route(arrow: Arrow, cells: Mapping[str, Cell]) -> Route:
    """Lead an arrow past all boxes: straight if nothing is in between, otherwise along channels and corridors."""
    start, end = cells[arrow.start], cells[arrow.end]
    level = _LEVELS[arrow.flow]
    if start.column == end.column and _free(start, end, cells):
        leaves, arrives = (1.0, 0.0) if end.row > start.row else (0.0, 1.0)
        return _route(arrow, (level, leaves), [], (level, arrives))
    if start.row == end.row and start.column < end.column and _free(start, end, cells):
        return _route(arrow, (1.0, level), [], (0.0, level))
    last = (Between.CHANNEL, end.column)
    if arrow.flow is Flow.KEY or end.column <= start.column:
        down = end.row > start.row
        return _route(arrow, (level, float(down)), [(Between.CORRIDOR, start.row + down), last], (0.0, level))
    if end.column == start.column + 1:
        return _route(arrow, (1.0, level), [last], (0.0, level))
    corridor = (Between.CORRIDOR, end.row)
    return _route(arrow, (1.0, level), [(Between.CHANNEL, start.column + 1), corridor, last], (0.0, level))


def _free(start: Cell, end: Cell, cells: Mapping[str, Cell]) -> bool:
    """Return whether no box is between two of one row or column."""
    low, high = sorted((start, end))
    return not any(
        low.column <= cell.column <= high.column and low.row <= cell.row <= high.row
        for cell in cells.values()
        if cell not in (start, end)
    )


def _route(
    arrow: Arrow, leaves: tuple[float, float], tracks: list[tuple[Between, int]], arrives: tuple[float, float]
) -> Route:
    return Route(
        start=Port(part=arrow.start, across=leaves[0], down=leaves[1]),
        tracks=tuple(Track(between=one, number=number, source=arrow.start, flow=arrow.flow) for one, number in tracks),
        end=Port(part=arrow.end, across=arrives[0], down=arrives[1]),
    )
