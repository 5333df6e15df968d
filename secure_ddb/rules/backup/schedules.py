"""When AWS Backup copies, and how long it keeps the copies.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_number, at, is_unknown
from secure_ddb.limits import MOST_BACKUP_DAYS

if TYPE_CHECKING:
    from secure_ddb.three_valued import Truth

_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
# Not every month has these days, nor a fifth Sunday.
_SKIPS_MONTHS = re.compile(r"(29|30|31)W? .*|.*#5")
_RATE = re.compile(r"rate\((\d+) (hour|day)s?\)")
_DAILY = "cron(0 5 ? * * *)"
_EVERY = {"*", "?", "*/1", "1/1"}
_LEAST_DAYS_IN_COLD_STORAGE = 90
_FOR_EVER = -1
_DAYS = {"daily": 1, "weekly": 7, "monthly": 31}


def days_between(rule: dict[str, Any]) -> float | None:
    """Return the days between two copies, or None if that is known only at deployment or cannot be read."""
    expression = rule.get("ScheduleExpression", _DAILY)
    cron, rate = _CRON.fullmatch(str(expression)), _RATE.fullmatch(str(expression))
    if rate:
        return int(rate[1]) / (24 if rate[2] == "hour" else 1)
    if cron is None:
        return None
    _, _, day, month, weekday, year = cron.groups()
    if month not in _EVERY or year not in _EVERY or _SKIPS_MONTHS.fullmatch(f"{day} {weekday}"):
        return None
    if weekday not in _EVERY:
        # A weekday of every week, or the n-th or last one of a month.
        return _DAYS["monthly" if "#" in weekday or "L" in weekday else "weekly"]
    return _DAYS["daily" if day in _EVERY else "monthly"]


def days_kept(rule: dict[str, Any]) -> float | None:
    """Return for how many days a rule keeps its copies, or None if that is known only at deployment.

    Without an end, or with -1, it keeps them for ever.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
    """
    end = at(rule, "Lifecycle", "DeleteAfterDays")
    if is_unknown(end):
        return None
    days = as_number(end) or 0
    return math.inf if end is None or days == _FOR_EVER else days


def keeps(rule: dict[str, Any], days: int) -> Truth:
    """Tell whether a rule keeps its copies for some days."""
    kept = days_kept(rule)
    if kept is None:
        return None
    cold = as_number(at(rule, "Lifecycle", "MoveToColdStorageAfterDays"))
    # AWS Backup refuses a rule that would keep a copy for longer, or move it into cold storage for less.
    is_accepted = kept <= MOST_BACKUP_DAYS or kept == math.inf
    return is_accepted and kept >= days and (cold is None or kept >= cold + _LEAST_DAYS_IN_COLD_STORAGE)


def covers(rule: dict[str, Any], schedule: str, days: int) -> Truth:
    """Tell whether a rule copies at least this often and keeps the copies for as long."""
    between = days_between(rule)
    if between is None:
        return None if is_unknown(rule.get("ScheduleExpression")) else False
    return keeps(rule, days) if between <= _DAYS[schedule] else False
