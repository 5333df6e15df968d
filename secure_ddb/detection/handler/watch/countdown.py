"""When a countdown is told. Nothing is remembered: the full hour alone decides, so each notice comes once."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, timedelta

_HOUR = 3600
# From this many hours left on, a notice every so many hours.
_STEPS = ((24, 12), (6, 3), (0, 1))
_AFTERWARDS = 24


def hours_left(since: datetime, lasts: timedelta, now: datetime) -> int:
    """Return the full hours left of a period; negative once it is over."""
    return int((since + lasts - now).total_seconds() // _HOUR)


def is_due(since: datetime, lasts: timedelta, now: datetime) -> bool:
    """Tell whether a run at a full hour tells of a countdown.

    It does in the first hour, then every 12 hours, in the last day every 3, and in the last 6 hours every hour. Once
    the period is over, it does once a day.
    """
    left = hours_left(since, lasts, now)
    if (now - since).total_seconds() < _HOUR:
        return True
    for more_than, every in _STEPS:
        if left > more_than:
            return left % every == 0
    return left == 0 or left % _AFTERWARDS == 0
