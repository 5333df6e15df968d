"""What is to be exported, and under which names: points in time and periods that join without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL, INCREMENTAL = "full", "incremental"


@dataclass(frozen=True)
class Due:
    """One export: of all items at a point in time, or of what changed in a period.

    Attributes:
        table: Name of the table in the bucket.
        kind: Full or incremental.
        start: The point in time, or the beginning of the period, which belongs to it. Seconds since 1970, in UTC.
        end: The end of the period, which does not belong to it; of a full export the same as its start.
    """

    table: str
    kind: str
    start: int
    end: int

    def prefix(self, attempt: int) -> str:
        """Return where an attempt writes: apart from all others, because failed ones may leave files behind."""
        word = "at" if self.kind == FULL else "from"
        day = datetime.fromtimestamp(self.start, UTC).strftime("%Y-%m-%d")
        return f"{self.table}/{self.kind}/day={day}/{word}={stamp(self.start)}-{attempt}"


def stamp(moment: int) -> str:
    """Write a moment so that names are in the order of time."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%M%SZ")


def moment_of(text: str) -> int:
    """Read such a moment."""
    return int(datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())


def last_boundary(moment: int, seconds: int) -> int:
    """Return the latest end of a period that is not after a moment. Periods divide a day, and begin with it in UTC."""
    return moment - moment % seconds


def periods(table: str, start: int, until: int, seconds: int) -> Iterator[Due]:
    """Yield the periods that have ended: each begins where the one before ends, and the first of them at the start."""
    while start + seconds <= until:
        yield Due(table, INCREMENTAL, start, start + seconds)
        start += seconds
