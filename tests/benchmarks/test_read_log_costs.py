"""docs/reads.md says how large a line about a read is, and what it costs beside a data event of CloudTrail."""

from __future__ import annotations

import pytest

from benchmarks.read_log import _READS, data_events, get, measure, query


@pytest.mark.parametrize(("read", "items", "size", "price"), [(get, 1, 760, 0.45), (query, 20, 1_640, 0.96)])
def test_a_line_has_the_size_that_the_documentation_says(read: object, items: int, size: int, price: float) -> None:
    _, answers = measure(read, items, logged=True)  # type: ignore[arg-type]
    assert answers.lines == answers.requests == _READS
    assert answers.bytes / _READS == pytest.approx(size, rel=0.02)
    assert data_events(answers.bytes / _READS) == pytest.approx(price, rel=0.02)
