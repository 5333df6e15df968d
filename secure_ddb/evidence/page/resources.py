"""Results by stack, by resource and by table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from secure_ddb.evidence.page.drawing import drawing
from secure_ddb.evidence.page.results import Results
from secure_ddb.evidence.standing import Standing, standing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.evidence.model import Evidence, Location, Result, StackFacts, TableFacts
    from secure_ddb.evidence.page.drawing import Drawing

# Standings of results that are only counted.
_NO_WORDS = (Standing.MET, Standing.BY_DESIGN)


@dataclass(frozen=True, kw_only=True)
class ResourceView:
    """A resource and its results, the worst first.

    Attributes:
        anchor: Names it in the page.
        name: Logical id, or the construct's path where no logical id is known.
    """

    anchor: str
    name: str
    type: str
    construct: str
    location: Location | None
    results: Results

    @property
    def paths(self) -> list[str]:
        """The properties that were looked at."""
        return sorted({result.property_path for _, result in self.results} - {""})

    @property
    def not_simply_met(self) -> list[tuple[int, Result]]:
        """The results that are shown in words."""
        return [(position, result) for position, result in self.results if standing_of(result) not in _NO_WORDS]


@dataclass(frozen=True, kw_only=True)
class StackView:
    """A stack, its results, and their resources."""

    name: str
    template: str
    facts: StackFacts | None
    results: Results
    resources: tuple[ResourceView, ...]


@dataclass(frozen=True, kw_only=True)
class TableView:
    """A table, its results, and their resources with the results that concern the table."""

    facts: TableFacts
    drawing: Drawing
    results: Results
    resources: tuple[ResourceView, ...]


def stacks_of(evidence: Evidence) -> tuple[StackView, ...]:
    """Return each stack with the resources that rules looked at."""
    facts = {(stack.name, stack.template): stack for stack in evidence.stacks}
    known = list(facts)
    groups = Results(enumerate(evidence.results)).by(lambda result: (result.stack, result.template))
    places = sorted(groups, key=lambda place: (known.index(place) if place in facts else len(known), place))
    return tuple(
        StackView(
            name=name,
            template=template,
            facts=facts.get((name, template)),
            results=groups[name, template],
            resources=tuple(_resource(name, its) for name, its in _by_name(groups[name, template]).items()),
        )
        for name, template in places
    )


def _by_name(results: Results) -> dict[str, Results]:
    return results.by(lambda result: result.logical_id or result.construct)


def _resource(name: str, results: Results) -> ResourceView:
    found = [result for _, result in results]
    return ResourceView(
        anchor=f"resource-{results[0][0]}",
        name=name,
        type=next((result.resource_type for result in found if result.resource_type), ""),
        construct=next((result.construct for result in found if result.construct), ""),
        location=next((result.location for result in found if result.location), None),
        results=results.worst_first,
    )


def tables_of(evidence: Evidence, stacks: Sequence[StackView]) -> tuple[TableView, ...]:
    """Return a view of each table."""
    resources: dict[str, list[ResourceView]] = {table.id: [] for table in evidence.tables}
    for resource in (resource for stack in stacks for resource in stack.resources):
        tables = dict.fromkeys(table for _, result in resource.results for table in result.tables)
        for table in (table for table in tables if table in resources):
            its = Results(one for one in resource.results if table in one[1].tables)
            resources[table].append(replace(resource, results=its))
    return tuple(
        TableView(
            facts=table,
            drawing=drawing(table.parts, table.arrows),
            results=Results(one for resource in resources[table.id] for one in resource.results),
            resources=tuple(resources[table.id]),
        )
        for table in evidence.tables
    )
