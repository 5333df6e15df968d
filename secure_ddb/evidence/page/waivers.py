"""Waivers and what they cover."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from secure_ddb.evidence.model import Evidence, Result, TableFacts, WaivedBy
    from secure_ddb.evidence.page.numbers import Numbers


@dataclass(frozen=True, kw_only=True)
class WaiverView:
    """A waiver and what it covers. Waivers of one reason, approver and expiry are one.

    Attributes:
        waived_by: As collected.
        days_left: Until its last day; negative if it has run out, None if it has no end.
        guarantees: Tables and the guarantee that they give up.
        resources: The numbered results that are waived by it, by resource.
        findings: How many results these are.
        rules: For the filters.
        places: Likewise.
    """

    waived_by: WaivedBy
    days_left: int | None
    guarantees: tuple[tuple[TableFacts, str], ...]
    resources: tuple[tuple[tuple[int, Result], ...], ...]
    findings: int
    rules: str
    places: str


@dataclass
class _Covered:
    guarantees: list[tuple[TableFacts, str]] = field(default_factory=list)
    results: list[tuple[int, Result]] = field(default_factory=list)


def waivers_of(evidence: Evidence, numbers: Numbers) -> tuple[WaiverView, ...]:
    """Return the waivers, by when they run out; those that have no end come last."""
    covered: dict[WaivedBy, _Covered] = defaultdict(_Covered)
    for table in evidence.tables:
        for guarantee, waived_by in table.waivers.items():
            covered[replace(waived_by, construct="")].guarantees.append((table, guarantee))
    for position, result in enumerate(evidence.results):
        if result.waived_by is not None:
            covered[replace(result.waived_by, construct="")].results.append((position, result))
    views = [_view(waived_by, its, evidence.judged_on, numbers) for waived_by, its in covered.items()]
    return tuple(sorted(views, key=lambda view: (view.days_left is None, view.days_left or 0)))


def _view(waived_by: WaivedBy, covered: _Covered, judged_on: date, numbers: Numbers) -> WaiverView:
    found = [result for _, result in covered.results]
    resources: dict[tuple[str, str, str], list[tuple[int, Result]]] = {}
    for position, result in covered.results:
        resource = (result.stack, result.template, result.logical_id or result.construct)
        resources.setdefault(resource, []).append((position, result))
    of_tables = [numbers.of_table(table) for table, _ in covered.guarantees]
    return WaiverView(
        waived_by=waived_by,
        days_left=None if waived_by.expires is None else (waived_by.expires - judged_on).days,
        guarantees=tuple(covered.guarantees),
        resources=tuple(tuple(results) for results in resources.values()),
        findings=len(found),
        rules=numbers.of_rules(found),
        places=" ".join(sorted({*" ".join(of_tables).split(), *numbers.of_places(found).split()})),
    )
