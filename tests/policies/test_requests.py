"""Every request of the tables in `requests/` is decided as expected, and every weaker policy is noticed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.policies.access_page import PAGE, with_table
from tests.policies.deployments import deployment
from tests.policies.engine import Decision, decide
from tests.policies.requests.groups import GROUPS, Group
from tests.policies.score import CONFIGURATIONS, explained, report, unexplained
from tests.policies.survivors import SURVIVORS

if TYPE_CHECKING:
    from tests.policies.requests.row import Row

ROWS = [(group, row) for group in GROUPS for row in group.rows]


def key(configuration: str, row: Row) -> tuple[str, ...]:
    """Return what makes a request another one."""
    return configuration, row.who, row.action, row.on, row.through, str(sorted(row.context.items()))


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_requests_are_decided(group: Group) -> None:
    cases = [deployment(group.configuration).case(row) for row in group.rows]
    decisions = decide([(case.policies, case.request) for case in cases])
    wrong = [
        f"{row}: {decided} instead of {row.expected}"
        for row, decided in zip(group.rows, decisions, strict=True)
        if decided is not row.expected
    ]
    assert wrong == []


def test_there_are_many_requests_and_at_least_half_are_attacks() -> None:
    different = {key(group.configuration, row): row for group, row in ROWS}
    attacks = [row for row in different.values() if row.attack]
    assert len(different) >= 1000
    assert len(attacks) * 2 >= len(different)


def test_no_request_stands_twice() -> None:
    # What pages show may stand elsewhere as well, and a request may serve several goals.
    once = [(group, row) for group, row in ROWS if not group.name.startswith(("summary", "threat"))]
    counted = Counter(key(group.configuration, row) for group, row in once)
    assert [request for request, count in counted.items() if count > 1] == []


def test_every_request_that_is_not_allowed_says_who_is_kept_from_what() -> None:
    assert [
        str(row) for _, row in ROWS if row.expected is not Decision.ALLOWED and not (row.attack or row.in_aws)
    ] == []
    assert [str(row) for _, row in ROWS if row.expected is Decision.ALLOWED and row.attack] == []


def test_where_aws_decides_otherwise_the_row_says_why() -> None:
    different = [row for _, row in ROWS if row.in_aws]
    assert different
    assert all(row.remark and row.in_aws is not row.expected for row in different)


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_no_policy_can_be_weakened_unnoticed(configuration: str) -> None:
    assert unexplained(configuration) == []


def test_every_explanation_explains_a_survivor() -> None:
    print(f"\n{report()}")  # noqa: T201 - for pytest -s
    assert [pattern for pattern in SURVIVORS if not explained(pattern)] == []


def test_page_shows_who_can_do_what_from_where() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_table(text), "run python -m tests.policies.access_page, and read the difference"
