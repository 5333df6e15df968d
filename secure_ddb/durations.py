"""CDK durations as plain numbers; each conversion asks CDK only once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from secure_ddb.errors import reject

if TYPE_CHECKING:
    from aws_cdk import Duration

_milliseconds: WeakKeyDictionary[Duration, int] = WeakKeyDictionary()

_MILLISECONDS_PER_DAY = 86_400_000


def in_milliseconds(duration: Duration) -> int:
    """Return the milliseconds of a duration."""
    if duration not in _milliseconds:
        _milliseconds[duration] = int(duration.to_milliseconds())
    return _milliseconds[duration]


def in_days(duration: Duration, argument: str) -> int:
    """Return the days of a duration.

    Raises:
        InvalidArgumentError: The duration is not a whole number of days.
    """
    days, rest = divmod(in_milliseconds(duration), _MILLISECONDS_PER_DAY)
    if rest:
        reject(argument, f"{in_milliseconds(duration)} ms", "a whole number of days")
    return days
