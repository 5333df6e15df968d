"""The layout of a table's drawing: the places of its parts, and the ways of its arrows.

Lanes lie above one another, one for each purpose. Boxes stand in columns, and arrows run in the space between: in
channels left of the columns and in corridors above the rows, where arrows of one source and flow share a track.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import Role
from secure_ddb.evidence.page.routes import Between, Cell, route

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.evidence.model import Arrow, Part
    from secure_ddb.evidence.page.routes import Route, Track

BOX_WIDTH, BOX_HEIGHT = 168, 48
_COLUMNS = 6
_MARGIN = 14
_LANE_TITLE = 20
# Space next to the first and between further tracks.
_TRACK, _TRACKS_MARGIN = 8, 12
_CORNER = 6

# Lane and column of each role; keys stand below the parts that they encrypt.
_LANES = ("Requests and changes", "Backup and records", "Alarms", "Keys")
_PLACES = {
    Role.CALLER: (0, 0),
    Role.ENDPOINT: (0, 1),
    Role.TABLE: (0, 2),
    Role.STREAM: (0, 3),
    Role.FUNCTION: (0, 4),
    Role.LOG: (0, 5),
    Role.BACKUP: (1, 3),
    Role.TRAIL: (1, 4),
    Role.BUCKET: (1, 5),
    Role.ALARM: (2, 3),
    Role.TOPIC: (2, 5),
    Role.KEY: (3, 2),
}
_KEYS = _PLACES[Role.KEY][0]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A part and the upper left corner of its box."""

    part: Part
    x: int
    y: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """An arrow, the parts at its ends, and its way as SVG writes it."""

    arrow: Arrow
    start: Part
    end: Part
    path: str


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A band across the drawing."""

    title: str
    y: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A laid out drawing, in pixels."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


class _Space:
    """The space between columns and rows, which tracks share."""

    def __init__(self, tracks: Iterable[Track]) -> None:
        self._numbers: dict[tuple[Between, int], dict[Track, int]] = defaultdict(dict)
        for track in tracks:
            numbers = self._numbers[track.between, track.number]
            numbers.setdefault(track, len(numbers))

    def width(self, between: Between, number: int) -> int:
        """Return how wide a channel or high a corridor is."""
        further = len(self._numbers[between, number]) - 1
        return 2 * _TRACKS_MARGIN + _TRACK * max(0, further)

    def distance(self, track: Track) -> int:
        """Return how far a track is from the column or row behind it."""
        return _TRACKS_MARGIN + _TRACK * self._numbers[track.between, track.number][track]


def drawing(parts: Sequence[Part], arrows: Sequence[Arrow]) -> Drawing:
    """Lay out parts and arrows. Nothing overlaps but arrows that cross."""
    cells, lane_of_row = _cells(parts, arrows)
    routes = [route(arrow, cells) for arrow in arrows]
    space = _Space(track for one in routes for track in one.tracks)
    lefts, width = _lefts(1 + max((cell.column for cell in cells.values()), default=-1), space)
    tops, lanes, height = _tops(lane_of_row, space)
    boxes = {part.id: Box(part=part, x=lefts[cells[part.id].column], y=tops[cells[part.id].row]) for part in parts}
    lines = tuple(
        Line(
            arrow=arrow,
            start=boxes[arrow.start].part,
            end=boxes[arrow.end].part,
            path=_path(_points(one, (boxes[arrow.start], boxes[arrow.end]), space, lefts, tops)),
        )
        for arrow, one in zip(arrows, routes, strict=True)
    )
    return Drawing(width=width, height=height, lanes=lanes, boxes=tuple(boxes.values()), lines=lines)


def _cells(parts: Sequence[Part], arrows: Sequence[Arrow]) -> tuple[dict[str, Cell], list[int]]:
    """Return the cell of each part, and the lane of each row. Columns and lanes without a part are left out."""
    taken: dict[int, set[tuple[int, int]]] = defaultdict(set)
    placed: dict[str, tuple[int, int, int]] = {}
    columns = {part.id: _PLACES[part.role][1] for part in parts}
    first_target = {arrow.start: columns[arrow.end] for arrow in reversed(arrows)}
    for part in parts:
        lane, column = _PLACES[part.role]
        wanted = [first_target.get(part.id, column), *range(_COLUMNS)] if lane == _KEYS else [column]
        row, column = next(
            (row, column) for row in range(len(parts)) for column in wanted if (row, column) not in taken[lane]
        )
        taken[lane].add((row, column))
        placed[part.id] = (lane, row, column)
    lane_of_row = [lane for lane in sorted(taken) for _ in {row for row, _ in taken[lane]}]
    used = sorted({column for _, _, column in placed.values()})
    cells = {
        name: Cell(used.index(column), lane_of_row.index(lane) + row) for name, (lane, row, column) in placed.items()
    }
    return cells, lane_of_row


def _lefts(columns: int, space: _Space) -> tuple[list[int], int]:
    """Return the left edge of each column, and the width of all."""
    lefts, x = [], 0
    for column in range(columns):
        x += space.width(Between.CHANNEL, column)
        lefts.append(x)
        x += BOX_WIDTH
    return lefts, x + _MARGIN


def _tops(lane_of_row: Sequence[int], space: _Space) -> tuple[list[int], tuple[Lane, ...], int]:
    """Return the upper edge of each row, the lanes, and the height of all."""
    tops: list[int] = []
    starts: dict[int, int] = {}
    y = 0
    for row, lane in enumerate(lane_of_row):
        if lane not in starts:
            y += _MARGIN if row else 0
            starts[lane] = y
            y += _LANE_TITLE
        y += space.width(Between.CORRIDOR, row)
        tops.append(y)
        y += BOX_HEIGHT
    height = y + _MARGIN
    ends = [*starts.values(), height][1:]
    lanes = tuple(
        Lane(title=_LANES[lane], y=start, height=end - start)
        for (lane, start), end in zip(starts.items(), ends, strict=True)
    )
    return tops, lanes, height


def _points(
    one: Route, ends: tuple[Box, Box], space: _Space, lefts: Sequence[int], tops: Sequence[int]
) -> list[tuple[int, int]]:
    """Return the corners of a route."""
    start, end = ends
    points = [_on_edge(start, *one.leaves)]
    for track in one.tracks:
        x, y = points[-1]
        if track.between is Between.CHANNEL:
            points.append((lefts[track.number] - space.distance(track), y))
        else:
            points.append((x, tops[track.number] - space.distance(track)))
    arrival = _on_edge(end, *one.arrives)
    if one.tracks:
        # The last track is a channel, from which the way into the box is level.
        points.append((points[-1][0], arrival[1]))
    return [*points, arrival]


def _on_edge(box: Box, across: float, down: float) -> tuple[int, int]:
    return box.x + round(across * BOX_WIDTH), box.y + round(down * BOX_HEIGHT)


def _path(points: Sequence[tuple[int, int]]) -> str:
    """Write corners as a path with round corners."""
    first, *middle, last = points
    written = [f"M{first[0]} {first[1]}"]
    before = first
    for corner, after in zip(middle, [*middle, last][1:], strict=True):
        if corner in (before, after):
            continue
        (x1, y1), (x2, y2) = _toward(corner, before), _toward(corner, after)
        written.append(f"L{x1} {y1}Q{corner[0]} {corner[1]} {x2} {y2}")
        before = corner
    return "".join([*written, f"L{last[0]} {last[1]}"])


def _toward(corner: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Return the point next to a corner where its curve begins."""
    (x, y), (to_x, to_y) = corner, other
    return x + max(-_CORNER, min(_CORNER, (to_x - x) // 2)), y + max(-_CORNER, min(_CORNER, (to_y - y) // 2))
