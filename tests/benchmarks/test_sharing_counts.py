"""What sharing saves is what the docs say, and within the goals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import sharing
from benchmarks.sharing import Counts, count

PAGE = Path(__file__).parents[2] / "docs" / "sharing.md"


@pytest.fixture(scope="module")
def counts() -> tuple[Counts, ...]:
    """Return the counts of a table alone, of one with shared resources, of one with their key too, and of these."""
    return count()


def test_resources_stay_within_the_goals(counts: tuple[Counts, ...]) -> None:
    alone, shares, *_ = counts
    assert alone.resources <= sharing.MOST_RESOURCES_ALONE
    assert shares.resources <= sharing.MOST_RESOURCES_SHARED
    # Beside what every stack may hold.
    assert 500 // shares.resources >= sharing.LEAST_TABLES_IN_STACK


def test_docs_say_what_is_counted(counts: tuple[Counts, ...]) -> None:
    rows = dict(re.findall(r"^\| ([\w ]+) \| (\d.*?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    found = {title: [int(number) for number in re.findall(r"\d+", row)[:4]] for title, row in rows.items()}
    assert found == {
        "Resources of a table": [each.resources for each in counts],
        "Calls into CDK for a further table": [*(each.calls for each in counts[:3]), 220],
        "KMS keys": [each.types["AWS::KMS::Key"] for each in counts],
        "Alarms": [each.types["AWS::CloudWatch::Alarm"] for each in counts],
        "Tables in a stack of 500 resources": [500 // each.resources for each in counts[:3]],
    }
