"""What docs/decisions/backup-plans.md says about copies and their cost is computed from the plans."""

from __future__ import annotations

import re
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_ddb.backup.copies import COLD_STORAGE_AFTER
from secure_ddb.backup.settings import DEFAULT_BACKUPS
from secure_ddb.classification import DataClassification

PAGE = Path(__file__).parents[2] / "docs" / "decisions" / "backup-plans.md"
# Of a GB and month, in USD: the page says from where.
TABLE, WARM, COLD = 0.25, 0.10, 0.03
DAYS_BETWEEN = {"daily": 1.0, "weekly": 7.0, "monthly": 365.25 / 12}


def copies(days_between: float, start: float, end: float) -> float:
    """Return how many copies are between two ages, in days, on average over time."""
    return (end - start) / days_between


@given(
    days_between=st.sampled_from([1, 7, 28, 30, 31]),
    start=st.integers(0, 400),
    length=st.integers(1, 800),
    first=st.integers(0, 30),
)
def test_copies_are_as_many_as_a_calendar_counts(days_between: int, start: int, length: int, first: int) -> None:
    end = start + length
    # Old enough that the plan has run for as long as a copy is kept; over a whole number of periods.
    begin = ceil(end / days_between) * days_between + first
    made = range(first, begin + days_between, days_between)
    counts = [sum(start <= day - copied < end for copied in made) for day in range(begin, begin + days_between)]
    assert sum(counts) / days_between == pytest.approx(copies(days_between, start, end))


def row(level: DataClassification) -> str:
    retentions = DEFAULT_BACKUPS[level].retentions_in_days
    kept = {name.removesuffix("_retention"): days for name, days in retentions.items() if days is not None}
    cold_after = int(COLD_STORAGE_AFTER.to_days())
    warm = sum(copies(DAYS_BETWEEN[name], 0, cold_after if name == "monthly" else days) for name, days in kept.items())
    cold = copies(DAYS_BETWEEN["monthly"], cold_after, kept["monthly"])
    plan = ", ".join(f"{name} {days}" for name, days in kept.items())
    return f"| {level.name} | {plan} | {warm + cold:.1f}, {cold:.1f} | {(warm * WARM + cold * COLD) / TABLE:.1f} |"


def test_the_page_says_what_the_default_plans_cost() -> None:
    rows = re.findall(r"^\| [A-Z]+ \|.*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [row(level) for level in DataClassification]


def test_weekly_copies_for_as_long_as_point_in_time_recovery_cost_more_than_monthly_ones_for_half_a_year() -> None:
    weekly = copies(7, 0, 35) * WARM / TABLE
    assert f"({weekly:.1f})" in PAGE.read_text(encoding="utf-8")
    assert weekly > float(row(DataClassification.PUBLIC).split("|")[-2])
