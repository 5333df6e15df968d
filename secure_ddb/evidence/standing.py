"""The standing of a result or a control, for people: accepted by design is kept apart from waived by a person."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.evidence.model import ControlFacts, Result


class Standing(Enum):
    """A status as people read it; the worst comes first."""

    NOT_MET = "not met"
    NOT_VERIFIABLE = "not verifiable"
    WAIVED = "waived"
    MANUAL = "manual"
    BY_DESIGN = "accepted by design"
    MET = "met"
    NOT_APPLICABLE = "not applicable"


_WORST_FIRST = tuple(Standing)


def standing_of(result: Result) -> Standing:
    """Return the standing of a result."""
    return Standing.BY_DESIGN if result.by_design else Standing(result.status.value)


def standing_of_control(control: ControlFacts, results: Sequence[Result]) -> Standing:
    """Return the standing of a control; one that only the library waived is not waived by a person."""
    if control.status is not Status.WAIVED:
        return Standing(control.status.value)
    found = {standing_of(results[position]) for position in control.results}
    if Standing.WAIVED in found or Standing.BY_DESIGN not in found:
        return Standing.WAIVED
    return Standing.MANUAL if control.manual else Standing.BY_DESIGN


def count(standings: Iterable[Standing]) -> dict[Standing, int]:
    """Count each standing, the worst first."""
    counts = Counter(standings)
    return {standing: counts[standing] for standing in _WORST_FIRST if counts[standing]}


def rank(standing: Standing) -> int:
    """Return a number by which standings are sorted, the worst first."""
    return _WORST_FIRST.index(standing)
