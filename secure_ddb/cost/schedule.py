"""How often a backup rule copies.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re

DAYS_OF_MONTH = 365 / 12

_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_PER_DAY = {"minute": 24 * 60, "hour": 24, "day": 1}
_EVERY = {"*", "?"}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def runs_per_day(expression: str) -> float | None:
    """Return how often a schedule runs on average, or None if it cannot be read."""
    rate, cron = _RATE.fullmatch(expression), _CRON.fullmatch(expression)
    if rate:
        return _PER_DAY[rate[2]] / int(rate[1]) if int(rate[1]) else None
    if not cron or cron[6] not in _EVERY:
        return None
    minute, hour, day, month, weekday, _ = cron.groups()
    try:
        times = _count(minute, 0, 59) * _count(hour, 0, 23)
        return times * _days(day, weekday) * _count(month, 1, 12, _MONTHS) / 12
    except ValueError:
        return None


def _days(day: str, weekday: str) -> float:
    """Return the share of days that two fields select if one of them is `?`."""
    if weekday not in _EVERY:
        if "#" in weekday or "L" in weekday:
            # The n-th or last one of each month.
            return len(weekday.split(",")) / DAYS_OF_MONTH
        return _count(weekday, 1, 7, _WEEKDAYS) / 7
    if day in _EVERY:
        return 1
    # `L` is the last day of a month, `15W` the weekday nearest to its 15th.
    if "L" in day or "W" in day:
        return len(day.split(",")) / DAYS_OF_MONTH
    return min(1, _count(day, 1, 31) / DAYS_OF_MONTH)


def _count(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> int:
    """Return how many values a field selects."""
    found: set[int] = set()
    for part in field.split(","):
        values, _, step = part.partition("/")
        if values in _EVERY:
            first, last = low, high
        else:
            begin, is_range, end = values.partition("-")
            first = _number(begin, low, names)
            last = _number(end, low, names) if is_range else (high if step else first)
        found.update(range(first, last + 1, int(step or 1)))
    if not found or not found <= set(range(low, high + 1)):
        raise ValueError(field)
    return len(found)


def _number(text: str, low: int, names: tuple[str, ...]) -> int:
    return names.index(text.upper()) + low if text.upper() in names else int(text)
