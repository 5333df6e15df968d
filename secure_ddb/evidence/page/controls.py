"""Controls by catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.evidence.page.numbers import numbered, worst_first
from secure_ddb.evidence.standing import Standing, count, standing_of, standing_of_control

if TYPE_CHECKING:
    from secure_ddb.evidence.model import ControlFacts, Evidence, Result
    from secure_ddb.evidence.page.numbers import Numbers

# A control of 200 tables has thousands of results. Each is among the resources; the worst are here too.
_MOST_RESULTS = 20


@dataclass(frozen=True, kw_only=True)
class ControlView:
    """A control and what shows how it stands.

    Attributes:
        facts: As collected.
        standing: How it stands, with what the library accepts apart from waivers of people.
        counts: How many results stand how.
        shown: The worst of its results, numbered.
        left_out: How many more there are.
        rules: For the filters.
        places: Likewise.
    """

    facts: ControlFacts
    standing: Standing
    counts: dict[Standing, int]
    shown: tuple[tuple[int, Result], ...]
    left_out: int
    rules: str
    places: str


@dataclass(frozen=True, kw_only=True)
class CatalogueView:
    """A catalogue of controls."""

    name: str
    number: int
    counts: dict[Standing, int]
    controls: tuple[ControlView, ...]

    @property
    def ids(self) -> dict[Standing, list[str]]:
        """The controls that stand how, the worst first: all that is printed of them."""
        ids = [control.facts.id for control in self.controls]
        # Such as `NIST.800-53.r5 `, which the catalogue's name says.
        first = ids[0].rpartition(" ")[0]
        same = first if all(each.startswith(f"{first} ") for each in ids) else ""
        return {
            standing: [
                control.facts.id.removeprefix(same).strip() for control in self.controls if control.standing is standing
            ]
            for standing in self.counts
        }


def catalogues_of(evidence: Evidence, numbers: Numbers) -> tuple[CatalogueView, ...]:
    """Return the catalogues with their controls."""
    views = []
    for number, name in enumerate(numbers.catalogues):
        controls = [control for control in evidence.controls if control.catalogue == name]
        views.append(
            CatalogueView(
                name=name,
                number=number,
                counts=count(standing_of_control(control, evidence.results) for control in controls),
                controls=tuple(_view(control, evidence, numbers) for control in controls),
            )
        )
    return tuple(views)


def _view(control: ControlFacts, evidence: Evidence, numbers: Numbers) -> ControlView:
    results = worst_first(numbered(control.results, evidence.results))
    found = [result for _, result in results]
    return ControlView(
        facts=control,
        standing=standing_of_control(control, evidence.results),
        counts=count(map(standing_of, found)),
        shown=tuple(results[:_MOST_RESULTS]),
        left_out=max(0, len(results) - _MOST_RESULTS),
        rules=numbers.of_rules(found),
        places=numbers.of_places(found),
    )
