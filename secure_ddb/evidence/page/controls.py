"""Controls by catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.evidence.page.numbers import counted, numbered, worst_first

if TYPE_CHECKING:
    from secure_ddb.evidence.model import ControlFacts, Evidence, Result, Status
    from secure_ddb.evidence.page.numbers import Numbers

# A control of 200 tables has thousands of results. Each is among the resources; the worst are here too.
_MOST_RESULTS = 20


@dataclass(frozen=True, kw_only=True)
class ControlView:
    """A control and what shows how it stands.

    Attributes:
        facts: As collected.
        counts: How many results have which status.
        shown: The worst of its results, numbered.
        left_out: How many more there are.
        rules: For the filters.
        places: Likewise.
    """

    facts: ControlFacts
    counts: dict[Status, int]
    shown: tuple[tuple[int, Result], ...]
    left_out: int
    rules: str
    places: str


@dataclass(frozen=True, kw_only=True)
class CatalogueView:
    """A catalogue of controls."""

    name: str
    number: int
    counts: dict[Status, int]
    controls: tuple[ControlView, ...]


def catalogues_of(evidence: Evidence, numbers: Numbers) -> tuple[CatalogueView, ...]:
    """Return the catalogues with their controls."""
    views = []
    for number, name in enumerate(numbers.catalogues):
        controls = [control for control in evidence.controls if control.catalogue == name]
        views.append(
            CatalogueView(
                name=name,
                number=number,
                counts=counted(control.status for control in controls),
                controls=tuple(_view(control, evidence, numbers) for control in controls),
            )
        )
    return tuple(views)


def _view(control: ControlFacts, evidence: Evidence, numbers: Numbers) -> ControlView:
    results = worst_first(numbered(control.results, evidence.results))
    found = [result for _, result in results]
    return ControlView(
        facts=control,
        counts=counted(result.status for result in found),
        shown=tuple(results[:_MOST_RESULTS]),
        left_out=max(0, len(results) - _MOST_RESULTS),
        rules=numbers.of_rules(found),
        places=numbers.of_places(found),
    )
