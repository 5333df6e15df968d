"""Results by stack and resource."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from secure_ddb.evidence.page.numbers import worst_first
from secure_ddb.evidence.standing import Standing, count, standing_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from secure_ddb.evidence.model import Evidence, Location, Result, StackFacts
    from secure_ddb.evidence.page.numbers import Numbers

# What is met, and what the library says once for all tables.
_NO_WORDS = (Standing.MET, Standing.BY_DESIGN)

Numbered = tuple[int, "Result"]


@dataclass(frozen=True, kw_only=True)
class ResourceView:
    """A resource and what the rules said about it.

    Attributes:
        anchor: Names it in the page.
        name: Logical id, or the construct's path where no logical id is known.
        type: As in `Result`.
        construct: As in `Result`.
        location: As in `Result`.
        results: Numbered, the worst first.
        places: For the filters.
    """

    anchor: str
    name: str
    type: str
    construct: str
    location: Location | None
    results: tuple[Numbered, ...]
    places: str

    @property
    def counts(self) -> dict[Standing, int]:
        """How many results stand how."""
        return count(standing_of(result) for _, result in self.results)

    @property
    def paths(self) -> list[str]:
        """The properties that were looked at."""
        return sorted({result.property_path for _, result in self.results} - {""})

    @property
    def not_simply_met(self) -> list[Numbered]:
        """The results that need words."""
        return [(position, result) for position, result in self.results if standing_of(result) not in _NO_WORDS]


@dataclass(frozen=True, kw_only=True)
class StackView:
    """A stack and its resources."""

    name: str
    template: str
    facts: StackFacts | None
    resources: tuple[ResourceView, ...]

    @property
    def counts(self) -> dict[Standing, int]:
        """How many results stand how."""
        return count(standing_of(result) for resource in self.resources for _, result in resource.results)


def stacks_of(evidence: Evidence, numbers: Numbers) -> tuple[StackView, ...]:
    """Return each stack with the resources that rules looked at."""
    facts = {(stack.name, stack.template): stack for stack in evidence.stacks}
    known = {stack: position for position, stack in enumerate(facts)}

    def stack(one: Numbered) -> tuple[int, str, str]:
        place = (one[1].stack, one[1].template)
        return known.get(place, len(known)), *place

    views = []
    for (_, name, template), results in groupby(sorted(enumerate(evidence.results), key=stack), key=stack):
        resources = tuple(_resources(list(results), numbers))
        views.append(StackView(name=name, template=template, facts=facts.get((name, template)), resources=resources))
    return tuple(views)


def _resources(results: Sequence[Numbered], numbers: Numbers) -> Iterator[ResourceView]:
    by_resource: dict[str, list[Numbered]] = {}
    for one in results:
        by_resource.setdefault(one[1].logical_id or one[1].construct, []).append(one)
    for name, its in by_resource.items():
        found = [result for _, result in its]
        yield ResourceView(
            anchor=f"resource-{its[0][0]}",
            name=name,
            type=_first(result.resource_type for result in found),
            construct=_first(result.construct for result in found),
            location=next((result.location for result in found if result.location), None),
            results=tuple(worst_first(its)),
            places=numbers.of_places(found),
        )


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")
