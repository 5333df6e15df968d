"""The evaluator of the rules says the same as the policy engine, or that it cannot tell, but never the opposite."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.policies.engine import Decision, decide
from tests.policies.generated import Case, cases

# Each of the engine's processes costs more than what it decides, so all requests are decided by one.
_ONCE = settings(
    max_examples=400,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def generated(*, hidden: bool) -> list[Case]:
    found: list[Case] = []

    @_ONCE
    @given(cases(hidden=hidden))
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


@pytest.mark.parametrize(("hidden", "least_known"), [(False, 0.95), (True, 0.45)])
def test_evaluator_never_contradicts_the_engine(*, hidden: bool, least_known: float) -> None:
    found = generated(hidden=hidden)
    wrong, known = [], 0
    for case, decision in zip(found, decide((case.policies, case.request) for case in found), strict=True):
        expected = decision is Decision.ALLOWED, decision is Decision.EXPLICITLY_DENIED
        known += sum(answer is not None for answer in case.answers)
        if any(answer not in (None, right) for answer, right in zip(case.answers, expected, strict=True)):
            wrong.append(f"{decision}, not {case.answers}: {case} of {case.policies}")
    assert not wrong, f"{len(wrong)} of {len(found)}, such as {min(wrong, key=len)}"
    # Whoever always says that it cannot tell is never wrong.
    assert known >= least_known * 2 * len(found), f"{known} of {2 * len(found)}"
