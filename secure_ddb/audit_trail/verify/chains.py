"""How batches follow each other. Each execution environment writes a chain of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.audit_trail.verify.entry import Entry


class Beginning(NamedTuple):
    """A batch that names a link which no batch before has ended with.

    Attributes:
        link: The link that it names.
        where: Its place in the input.
        stream: The log stream, where the input names it.
        after_an_end: Whether a chain that it could continue ends before it, so that what was between them is missing.
        lost: Whether it says that the log stream with the line of that link is gone.
    """

    link: str
    where: str
    stream: str | None
    after_an_end: bool
    lost: bool


class Place(NamedTuple):
    """Where a batch begins or ends.

    Attributes:
        number: Places that were asked for later have higher ones.
        stream: The log stream, where the input names it.
        where: The place in words.
    """

    number: int
    stream: str | None
    where: str


class Chains:
    """The ends of chains that no batch continues so far, and the beginnings without an end before them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.started = 0
        self._number = 0
        # Links with the number of their place and its log stream: there may be one for each execution environment.
        self._ends: dict[str, tuple[int, str | None]] = {}
        self._lost_ends: dict[str | None, int] = {}
        self._beginnings: dict[str, list[tuple[Place, bool]]] = {}

    @property
    def ended(self) -> int:
        """The number of ends that no batch continues."""
        return len(self._ends)

    def begin(self, previous: str | None, place: Place, *, lost: bool) -> None:
        """Take the first line of a batch that begins at a place, and whether it says that the line before is gone."""
        if previous is None:
            self.started += 1
        elif self._ends.pop(previous, None) is None:
            self._beginnings.setdefault(previous, []).append((place, lost))

    def end(self, link: str, entry: Entry) -> None:
        """Take the last line of a batch. Whole batches may come in any order, so its successor may be there."""
        beginnings = self._beginnings.get(link)
        if beginnings is None:
            self._number += 1
            self._ends[link] = (self._number, entry.stream)
            return
        beginnings.pop(0)
        if not beginnings:
            del self._beginnings[link]

    def lose_end(self, place: Place) -> None:
        """Take a batch that begins at a place and lacks its last line: its continuation was written later."""
        _keep_first(self._lost_ends, place.number, place.stream)

    def unresolved(self) -> Iterator[Beginning]:
        """Return what is left when all lines are read.

        A log stream is one execution environment, and has one chain at a time. In lines that name no log stream, any
        chain that ended before could be the one that continues.
        """
        first_ends = dict(self._lost_ends)
        for number, stream in self._ends.values():
            _keep_first(first_ends, number, stream)
        for link, places in self._beginnings.items():
            for place, lost in places:
                first_end = first_ends.get(place.stream)
                after_an_end = first_end is not None and first_end < place.number
                yield Beginning(link, place.where, place.stream, after_an_end, lost)

    def place(self, entry: Entry) -> Place:
        """Return a new place."""
        self._number += 1
        return Place(self._number, entry.stream, entry.where)


def _keep_first(numbers: dict[str | None, int], number: int, stream: str | None) -> None:
    numbers[stream] = min(number, numbers.get(stream, number))
