"""CDK durations as plain numbers; each conversion asks CDK only once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from secure_ddb.errors import reject
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk import Duration

_milliseconds: WeakKeyDictionary[Duration, int] = WeakKeyDictionary()

_MILLISECONDS_PER_DAY = 86_400_000


def in_milliseconds(duration: Duration, argument: str = "duration") -> int:
    """Return the milliseconds of a duration. Reject one that is unknown at synth or not a whole number of them."""
    if duration not in _milliseconds:
        milliseconds: float | None = None
        with suppress(RuntimeError):
            milliseconds = duration.to_milliseconds()
        if milliseconds is None or is_token(milliseconds):
            given = "known only at deployment" if duration.is_unresolved() else duration
            reject(argument, given, "a whole number of milliseconds that is known at synth")
        _milliseconds[duration] = int(milliseconds)
    return _milliseconds[duration]


def in_days(duration: Duration, argument: str) -> int:
    """Return the days of a duration. Reject one that is not a whole number of days."""
    days, rest = divmod(in_milliseconds(duration, argument), _MILLISECONDS_PER_DAY)
    if rest:
        reject(argument, f"{in_milliseconds(duration, argument)} ms", "a whole number of days")
    return days
