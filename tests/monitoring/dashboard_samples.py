"""Invented data for the graphs of a dashboard: a day of a shop, with an incident in the afternoon."""

from __future__ import annotations

import math
from random import Random
from typing import Any

HOURS = 24
# Points of a line, one for each ten minutes.
POINTS = 6 * HOURS
_INCIDENT = range(90, 100)


def sample(metric: str, label: str) -> list[float]:
    """Return the values of a metric over a day, always the same for the same label; none for a metric without data."""
    # Not for secrets.
    random = Random(label)  # noqa: S311
    shape = _SHAPES.get(metric)
    return [max(0.0, _value(point, random, *shape)) for point in range(POINTS)] if shape else []


def _value(point: int, random: Random, base: float, by_day: float, in_incident: float) -> float:
    # Least at night, most in the evening.
    day = (1 - math.cos(2 * math.pi * (point - 24) / POINTS)) / 2
    usual = base + by_day * day
    return usual * random.uniform(0.85, 1.15) + (in_incident * random.uniform(0.6, 1) if point in _INCIDENT else 0)


# Metric to its value at night, what the day adds, and what the incident adds.
_SHAPES: dict[str, tuple[float, float, float]] = {
    "ConsumedReadCapacityUnits": (2_000, 14_000, 12_000),
    "ConsumedWriteCapacityUnits": (500, 4_000, 3_000),
    "ReadThrottleEvents": (0, 0, 40),
    "WriteThrottleEvents": (0, 0, 12),
    "SuccessfulRequestLatency": (3, 3, 60),
    "UserErrors": (0.2, 0.5, 5),
    "SystemErrors": (0, 0, 1),
    "IncomingBytes": (4e6, 2e6, 0),
    "IteratorAge": (400, 900, 90_000),
    "Errors": (0, 0, 2),
    "NumberOfBackupJobsCompleted": (1, 0, 0),
    "NumberOfBackupJobsFailed": (0, 0, 0),
    "SuccessfulRequest": (300, 900, 0),
    "CallCount": (4, 9, 6),
}


def by_day(metric: str, label: str, days: int) -> list[float]:
    """Return the sums of several days, of which one has no backup."""
    values = sample(metric, label)
    if metric.startswith("NumberOfBackupJobs"):
        missing = days - 5
        return [float((day == missing) == metric.endswith("Failed")) for day in range(days)]
    random = Random(label)  # noqa: S311
    return [sum(values) * 10 * random.uniform(0.8, 1.1) for _ in range(days)] if values else []


def total(values: list[float], period: int) -> list[float]:
    """Return the sums of each period that is longer than a point."""
    size = max(1, period // 600)
    return [sum(values[start : start + size]) for start in range(0, len(values), size)]


def metric_of(line: list[Any]) -> tuple[str, str]:
    """Return the metric of a line of a graph, and what the legend calls it."""
    options = line[-1] if isinstance(line[-1], dict) else {}
    if "expression" in options:
        named = [name for name in _SHAPES if f'"{name}"' in options["expression"]]
        return (named[0] if named else "CallCount"), str(options.get("label", ""))
    names = [str(each) for each in line if not isinstance(each, dict)]
    return names[1], str(options.get("label") or " ".join(names[5::2] or names[1:2]))
