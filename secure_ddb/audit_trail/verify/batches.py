"""How the lines of a batch follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.audit_trail.verify.origin import WholeBatch
from secure_ddb.audit_trail.verify.report import Kind

if TYPE_CHECKING:
    from secure_ddb.audit_trail.verify.chains import Chains, Place
    from secure_ddb.audit_trail.verify.entry import Entry
    from secure_ddb.audit_trail.verify.line import Line
    from secure_ddb.audit_trail.verify.origin import Origin
    from secure_ddb.audit_trail.verify.report import Report

# Environments write one batch at a time and its lines in order, so there are many of these only where lines are missing
# or shuffled. Then the oldest batches are given up, so that memory has a bound.
_MOST_OPEN = 10_000
_MOST_WAITING = 10_000
_MOST_WAITING_TEXT = 8_000_000


class _Batch:
    """A batch that is not complete yet: its state, as far as later lines need it."""

    __slots__ = (
        "altered",
        "first",
        "last",
        "links",
        "only_reads",
        "opened",
        "previous",
        "received",
        "reordered",
        "size",
        "waiting",
    )

    def __init__(self, line: Line, opened: Place) -> None:
        self.first = line.first
        self.size = line.size
        self.opened = opened
        self.received = 0
        self.reordered = False
        self.altered = False
        self.only_reads = True
        self.previous: str | None = None
        self.last: WholeBatch | None = None
        # By place: links whose next line is still to come, and lines that came before the one they follow.
        self.links: dict[int, str] = {}
        self.waiting: dict[int, tuple[Line, Entry]] = {}

    def has(self, place: int) -> bool:
        return bool(self.received >> place & 1)

    def fits(self, line: Line) -> bool | None:
        """Whether the link to a neighbour proves that the line belongs here; `None` if there is no neighbour yet."""
        before = self.links.get(line.place - 1)
        after = self.waiting.get(line.place + 1)
        if before is not None:
            return line.follows(before)
        if after is not None:
            return after[0].follows(line.link)
        return None

    def whole(self) -> WholeBatch | None:
        """Return the batch if all its lines are there and unaltered."""
        if not self.last or self.altered or not self.is_whole:
            return None
        return self.last._replace(previous=self.previous)

    @property
    def is_whole(self) -> bool:
        return self.received == (1 << self.size) - 1

    def missing(self) -> str:
        """Return the places without a line, such as `0, 3 to 5`."""
        runs: list[list[int]] = []
        for place in range(self.size):
            if self.has(place):
                continue
            if runs and runs[-1][-1] == place - 1:
                runs[-1][1:] = [place]
            else:
                runs.append([place])
        return ", ".join(" to ".join(map(str, run)) for run in runs)


class Batches:
    """The batches that are not whole yet. Batches of several environments, and repeated ones, may come at once."""

    def __init__(self, report: Report, chains: Chains, origin: Origin) -> None:
        """Begin with none."""
        self._report = report
        self._chains = chains
        self._origin = origin
        self._open: dict[tuple[str, int], list[_Batch]] = {}
        self._number_open = 0
        self._number_waiting = 0
        self._text_waiting = 0

    def add(self, line: Line, entry: Entry) -> None:
        """Take a line to its batch."""
        batch = self._batch_of(line, entry)
        if batch is None:
            text = f"{_name(line)} is there already, with another text"
            self._report.add(Kind.INSERTION, entry.where, text)
            return
        self._check_order(batch, line, entry)
        batch.received |= 1 << line.place
        batch.only_reads &= line.is_read
        self._check_links(batch, line, entry)
        if line.place == 0:
            batch.previous = line.previous
            self._chains.begin(line.previous, batch.opened, lost=line.previous_lost)
        if line.place == line.size - 1:
            batch.last = WholeBatch(line.table, line.first, line.created, None, line.link, line.mac, entry.where)
            self._chains.end(line.link, entry)
        if batch.is_whole:
            # Reads have no MAC. With a change among them, a batch needs one.
            if not batch.only_reads and (whole := batch.whole()):
                self._origin.take(whole)
            self._close(batch)
        while (
            self._number_open > _MOST_OPEN
            or self._number_waiting > _MOST_WAITING
            or self._text_waiting > _MOST_WAITING_TEXT
        ):
            self._give_up(next(iter(self._open.values()))[0])

    def finish(self) -> None:
        """Report the batches that have not become whole."""
        for batches in list(self._open.values()):
            for batch in list(batches):
                self._give_up(batch)

    def _batch_of(self, line: Line, entry: Entry) -> _Batch | None:
        """Return the batch that a line belongs to, or nothing where its place is taken."""
        batches = self._open.get((line.first, line.size), ())
        candidates = [(batch, batch.fits(line)) for batch in batches if not batch.has(line.place)]
        for proof in (True, None, False):
            for batch, fits in candidates:
                # A batch that Lambda repeats has the same name, and its first line proves itself.
                if fits is proof and not (fits is False and line.place == 0):
                    return batch
        if batches and line.place > 0:
            return None
        return self._open_batch(line, entry)

    def _open_batch(self, line: Line, entry: Entry) -> _Batch:
        batch = _Batch(line, self._chains.place(entry))
        self._open.setdefault((line.first, line.size), []).append(batch)
        self._number_open += 1
        self._report.batches += 1
        return batch

    def _check_order(self, batch: _Batch, line: Line, entry: Entry) -> None:
        if batch.received >> line.place and not batch.reordered:
            batch.reordered = True
            self._report.add(Kind.REORDERING, entry.where, f"{_name(line)} comes after lines that it was before")

    def _check_links(self, batch: _Batch, line: Line, entry: Entry) -> None:
        before = line.previous or "" if line.place == 0 else batch.links.pop(line.place - 1, None)
        if before is None:
            batch.waiting[line.place] = (line, entry._replace(text=""))
            self._count_waiting(1, line)
        else:
            self._check_link(batch, before, line, entry)
        after = batch.waiting.pop(line.place + 1, None)
        if after is None:
            batch.links[line.place] = line.link
        else:
            self._count_waiting(-1, after[0])
            self._check_link(batch, line.link, *after)

    def _check_link(self, batch: _Batch, before: str, line: Line, entry: Entry) -> None:
        follows = line.follows(before)
        batch.altered |= bool(line.fault) or not follows
        # A line with a fault has been reported as altered.
        if not follows and not line.fault:
            text = f"{_name(line)}: the link does not match, so this line or the link before it was altered"
            self._report.add(Kind.ALTERATION, entry.where, text)

    def _give_up(self, batch: _Batch) -> None:
        text = f"batch {batch.first} of {batch.size} lines: missing in places {batch.missing()}"
        self._report.add(Kind.GAP, batch.opened.where, text)
        if not batch.has(batch.size - 1):
            self._chains.lose_end(batch.opened)
        self._close(batch)

    def _close(self, batch: _Batch) -> None:
        name = (batch.first, batch.size)
        self._open[name].remove(batch)
        if not self._open[name]:
            del self._open[name]
        self._number_open -= 1
        for line, _ in batch.waiting.values():
            self._count_waiting(-1, line)

    def _count_waiting(self, change: int, line: Line) -> None:
        self._number_waiting += change
        self._text_waiting += change * len(line.body)


def _name(line: Line) -> str:
    return f"batch {line.first}, place {line.place} of {line.size} lines"
