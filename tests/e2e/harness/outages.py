"""Decides at random, with a seed, what goes wrong with which invocation of the audit function."""

from __future__ import annotations

from enum import Enum
from random import Random

# The bucket for what log groups held before they were deleted.
ARCHIVE = "lines-of-deleted-log-groups"
# What a mapping says of its last result when it has read everything and nothing is wrong any more.
NOTHING_LEFT = "OK - no records left"


class Outage(Enum):
    """What can be wrong for some invocations, one after the other."""

    LOG_THROTTLED = "the log group refuses lines: throttled"
    LOG_UNANSWERED = "the log group takes lines, and the answer is lost"
    LOG_DELETED = "the log group is deleted"
    KEY_DISABLED = "the digest key is disabled"
    KILLED = "the function is killed before its lines are written"
    KILLED_LATE = "the function is killed after its lines are written"
    RESULT_LOST = "the function's result is lost"
    THROTTLED = "the function is throttled"
    THROTTLED_LONG = "the function is throttled until records are too old"


# How many invocations an outage lasts. The long ones are long enough for a halved batch to be given up.
_SHORT = (1, 1, 2, 3)
_LONG = (*_SHORT, 10, 150)
# Those that take time, as the handler's client waits before it tries again or a new environment starts, and those with
# which each invocation repeats or gives up a batch.
_ALWAYS_SHORT = {
    Outage.LOG_THROTTLED,
    Outage.LOG_UNANSWERED,
    Outage.KILLED,
    Outage.KILLED_LATE,
    Outage.RESULT_LOST,
    Outage.THROTTLED_LONG,
}
_LIKELIHOOD = 0.25
_REFUSED = 0.6


class Outages:
    """A sequence of outages.

    Attributes:
        current: What is wrong with the invocation at hand; `None` if nothing is.
    """

    def __init__(self, seed: int) -> None:
        """Begin a sequence, which is always the same for a seed."""
        self._random = Random(seed)  # noqa: S311 - has to repeat itself
        self._left = 0
        self._coming: list[Outage] = []
        self.current: Outage | None = None

    def next(self) -> Outage | None:
        """Go on to the next invocation, and return what is wrong with it."""
        if self._left:
            self._left -= 1
        elif self.current is None and self._random.random() < _LIKELIHOOD:
            self.current = self._draw()
            self._left = self._random.choice(_SHORT if self.current in _ALWAYS_SHORT else _LONG) - 1
        else:
            self.current = None
        return self.current

    def end(self) -> None:
        """Let nothing be wrong any more, until the next outage."""
        self.current, self._left = None, 0

    def is_refused(self) -> bool:
        """Return whether one request of several is refused."""
        return self._random.random() < _REFUSED

    def _draw(self) -> Outage:
        # Each before any comes again, so that few invocations see all of them.
        if not self._coming:
            self._coming = list(Outage)
            self._random.shuffle(self._coming)
        return self._coming.pop()
