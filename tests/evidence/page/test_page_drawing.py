"""Drawings can be read: nothing lies upon anything else, and arrows go where they should."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from secure_ddb.evidence.model import Arrow, Flow, Part, Role
from secure_ddb.evidence.page.drawing import BOX_HEIGHT, BOX_WIDTH, Box, Drawing, drawing
from tests.evidence.sample import evidence

TABLE = evidence(tables=1).tables[0]


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """Draw parts of any roles with arrows between any two of them."""
    roles = draw(st.lists(st.sampled_from(Role), min_size=2, max_size=12))
    parts = [Part(id=str(number), role=role, label=role.value) for number, role in enumerate(roles)]
    pairs = [(one.id, other.id) for one in parts for other in parts if one is not other]
    arrows = draw(st.lists(st.tuples(st.sampled_from(pairs), st.sampled_from(Flow)), max_size=12, unique=True))
    return drawing(parts, [Arrow(start=start, end=end, flow=flow) for (start, end), flow in arrows])


def corners(path: str) -> list[tuple[int, int]]:
    """Return the corners of a path, those that are rounded too."""
    numbers = [int(number) for number in re.findall(r"-?\d+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def through(box: Box, path: str) -> bool:
    """Say whether a path runs through the inside of a box; each of its pieces is level, upright or a short curve."""
    return any(
        min(x1, x2) < box.x + BOX_WIDTH
        and max(x1, x2) > box.x
        and min(y1, y2) < box.y + BOX_HEIGHT
        and max(y1, y2) > box.y
        for (x1, y1), (x2, y2) in pairwise(corners(path))
    )


def on_edge(box: Box, point: tuple[int, int]) -> bool:
    """Say whether a point is on the edge of a box."""
    across, down = point[0] - box.x, point[1] - box.y
    return (
        0 <= across <= BOX_WIDTH and 0 <= down <= BOX_HEIGHT and (across in (0, BOX_WIDTH) or down in (0, BOX_HEIGHT))
    )


@settings(deadline=None)
@given(drawings())
def test_boxes_keep_apart_and_within_the_drawing(drawn: Drawing) -> None:
    for one, other in combinations(drawn.boxes, 2):
        assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    for box in drawn.boxes:
        assert 0 <= box.x <= drawn.width - BOX_WIDTH
        assert 0 <= box.y <= drawn.height - BOX_HEIGHT


@settings(deadline=None)
@given(drawings())
def test_arrows_lead_from_box_to_box_and_through_none(drawn: Drawing) -> None:
    boxes = {box.part.id: box for box in drawn.boxes}
    for line in drawn.lines:
        points = corners(line.path)
        assert on_edge(boxes[line.arrow.start], points[0])
        assert on_edge(boxes[line.arrow.end], points[-1])
        assert not [box.part for box in drawn.boxes if through(box, line.path)], line.path
        assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in points)


@settings(deadline=None)
@given(drawings())
def test_arrows_of_different_flows_never_share_a_way(drawn: Drawing) -> None:
    ways: dict[tuple[tuple[int, int], tuple[int, int]], Flow] = {}
    for line in drawn.lines:
        for piece in pairwise(corners(line.path)):
            assert ways.setdefault(piece, line.arrow.flow) is line.arrow.flow


def test_parts_stand_in_the_lane_of_their_role() -> None:
    drawn = drawing(TABLE.parts, TABLE.arrows)
    lanes = {
        box.part.id: next(lane.title for lane in drawn.lanes if lane.y <= box.y < lane.y + lane.height)
        for box in drawn.boxes
    }
    assert lanes["table"] == lanes["caller"] == lanes["log"] == "Requests and changes"
    assert lanes["vault"] == lanes["failures"] == "Backup and records"
    assert lanes["alarms"] == lanes["topic"] == "Alarms"
    assert lanes["key"] == lanes["other-key"] == "Keys"


def test_requests_flow_from_left_to_right() -> None:
    at = {box.part.id: box.x for box in drawing(TABLE.parts, TABLE.arrows).boxes}
    order = ["caller", "endpoint", "table", "stream", "function", "log"]
    assert sorted(order, key=at.__getitem__) == order


def test_a_key_stands_below_what_it_encrypts_first() -> None:
    at = {box.part.id: box.x for box in drawing(TABLE.parts, TABLE.arrows).boxes}
    assert at["key"] == at["table"]
    assert at["other-key"] == at["vault"]


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawing((), ()).boxes == ()
