"""Waivers of people and what they cover; apart from them, what the library accepts by design."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from secure_ddb.evidence.standing import Standing, standing_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from secure_ddb.evidence.model import Evidence, Result, TableFacts, WaivedBy
    from secure_ddb.evidence.page.numbers import Numbers

Numbered = tuple[int, "Result"]


@dataclass(frozen=True, kw_only=True)
class Covered:
    """Findings that have the same reason.

    Attributes:
        rules: Each once.
        resources: The numbered results, by resource.
        findings: How many results these are.
        numbers: Of the rules, for the filters.
        places: Likewise.
    """

    rules: tuple[str, ...]
    resources: tuple[tuple[Numbered, ...], ...]
    findings: int
    numbers: str
    places: str


@dataclass(frozen=True, kw_only=True)
class WaiverView:
    """A waiver of a person. Waivers of one reason, approver and expiry are one.

    Attributes:
        waived_by: As collected.
        days_left: Until its last day; negative if it has expired, None if it has no expiry.
        guarantees: Tables and the guarantee that they give up.
        covered: The findings that it waives.
        places: For the filters.
    """

    waived_by: WaivedBy
    days_left: int | None
    guarantees: tuple[tuple[TableFacts, str], ...]
    covered: Covered
    places: str


@dataclass(frozen=True, kw_only=True)
class DesignView:
    """A reason for which the library accepts findings by design, and these."""

    reason: str
    covered: Covered


@dataclass
class _Waived:
    guarantees: list[tuple[TableFacts, str]] = field(default_factory=list)
    results: list[Numbered] = field(default_factory=list)


def waivers_of(evidence: Evidence, numbers: Numbers) -> tuple[WaiverView, ...]:
    """Return the waivers of people: first those without an approver, then by when they expire."""
    found: dict[WaivedBy, _Waived] = defaultdict(_Waived)
    for table in evidence.tables:
        for guarantee, waived_by in table.waivers.items():
            found[replace(waived_by, construct="")].guarantees.append((table, guarantee))
    for position, result in enumerate(evidence.results):
        if result.waived_by is not None and standing_of(result) is Standing.WAIVED:
            found[replace(result.waived_by, construct="")].results.append((position, result))
    views = [_view(waived_by, its, evidence.judged_on, numbers) for waived_by, its in found.items()]
    return tuple(sorted(views, key=_order))


def accepted_by_design(evidence: Evidence, numbers: Numbers) -> tuple[DesignView, ...]:
    """Return the reasons for which the library accepts findings, the most frequent first."""
    found: dict[str, list[Numbered]] = {}
    for position, result in enumerate(evidence.results):
        if standing_of(result) is Standing.BY_DESIGN:
            reason = result.waived_by.reason if result.waived_by else result.title
            found.setdefault(reason, []).append((position, result))
    views = [DesignView(reason=reason, covered=_covered(results, numbers)) for reason, results in found.items()]
    return tuple(sorted(views, key=lambda view: -view.covered.findings))


def _view(waived_by: WaivedBy, waived: _Waived, judged_on: date, numbers: Numbers) -> WaiverView:
    covered = _covered(waived.results, numbers)
    of_tables = [numbers.of_table(table) for table, _ in waived.guarantees]
    return WaiverView(
        waived_by=waived_by,
        days_left=None if waived_by.expires is None else (waived_by.expires - judged_on).days,
        guarantees=tuple(waived.guarantees),
        covered=covered,
        places=" ".join(sorted({*" ".join(of_tables).split(), *covered.places.split()})),
    )


def _covered(results: Sequence[Numbered], numbers: Numbers) -> Covered:
    resources: dict[tuple[str, str, str], list[Numbered]] = {}
    for position, result in results:
        resource = (result.stack, result.template, result.logical_id or result.construct)
        resources.setdefault(resource, []).append((position, result))
    found = [result for _, result in results]
    return Covered(
        rules=tuple(dict.fromkeys(result.rule for result in found)),
        resources=tuple(map(tuple, resources.values())),
        findings=len(found),
        numbers=numbers.of_rules(found),
        places=numbers.of_places(found),
    )


def _order(view: WaiverView) -> tuple[bool, bool, int]:
    return bool(view.waived_by.approved_by), view.days_left is None, view.days_left or 0
