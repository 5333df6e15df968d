"""What there is to say about each table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from secure_ddb.evidence.page.drawing import drawing
from secure_ddb.evidence.standing import count, standing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.evidence.model import Evidence, Result, TableFacts
    from secure_ddb.evidence.page.drawing import Drawing
    from secure_ddb.evidence.page.numbers import Numbers
    from secure_ddb.evidence.page.resources import ResourceView, StackView
    from secure_ddb.evidence.standing import Standing


@dataclass(frozen=True, kw_only=True)
class TableView:
    """A table.

    Attributes:
        facts: As collected.
        number: Names it in the page.
        counts: How many of its results stand how.
        drawing: Its drawing.
        resources: The resources that were looked at for it, with the results that concern it.
        rules: For the filters.
        places: Likewise.
    """

    facts: TableFacts
    number: int
    counts: dict[Standing, int]
    drawing: Drawing
    resources: tuple[ResourceView, ...]
    rules: str
    places: str


def tables_of(evidence: Evidence, stacks: Sequence[StackView], numbers: Numbers) -> tuple[TableView, ...]:
    """Return a view of each table."""
    resources: dict[str, list[ResourceView]] = {table.id: [] for table in evidence.tables}
    for resource in (resource for stack in stacks for resource in stack.resources):
        by_table: dict[str, list[tuple[int, Result]]] = {}
        for position, result in resource.results:
            for table in result.tables:
                by_table.setdefault(table, []).append((position, result))
        for table, results in by_table.items():
            if table in resources:
                resources[table].append(replace(resource, results=tuple(results)))
    return tuple(_view(table, resources[table.id], numbers) for table in evidence.tables)


def _view(table: TableFacts, resources: Sequence[ResourceView], numbers: Numbers) -> TableView:
    results = [result for resource in resources for _, result in resource.results]
    return TableView(
        facts=table,
        number=numbers.tables[table.id],
        counts=count(map(standing_of, results)),
        drawing=drawing(table.parts, table.arrows),
        resources=tuple(resources),
        rules=numbers.of_rules(results),
        places=numbers.of_table(table),
    )
