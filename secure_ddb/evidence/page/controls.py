"""Controls by catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.evidence.grouped import grouped
from secure_ddb.evidence.page.results import Results
from secure_ddb.evidence.standing import count, standing_of_control

if TYPE_CHECKING:
    from secure_ddb.evidence.model import ControlFacts, Evidence
    from secure_ddb.evidence.standing import Standing


@dataclass(frozen=True, kw_only=True)
class ControlView:
    """A control, its standing, and its results, the worst first."""

    facts: ControlFacts
    standing: Standing
    results: Results


@dataclass(frozen=True, kw_only=True)
class CatalogueView:
    """A catalogue of controls."""

    name: str
    controls: tuple[ControlView, ...]

    @property
    def counts(self) -> dict[Standing, int]:
        """The number of controls of each standing, the worst first."""
        return count(control.standing for control in self.controls)

    @property
    def ids(self) -> dict[Standing, list[str]]:
        """The controls of each standing, the worst first: all that is printed of them."""
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


def catalogues_of(evidence: Evidence) -> tuple[CatalogueView, ...]:
    """Return the catalogues with their controls."""
    views = (
        ControlView(
            facts=control,
            standing=standing_of_control(control, evidence.results),
            results=Results((position, evidence.results[position]) for position in control.results).worst_first,
        )
        for control in evidence.controls
    )
    by_catalogue = grouped(views, lambda view: view.facts.catalogue)
    return tuple(CatalogueView(name=name, controls=tuple(its)) for name, its in by_catalogue.items())
