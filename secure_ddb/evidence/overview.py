"""The verdicts on tables, for the first screen of the page and the first lines in the terminal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.counted import counted
from secure_ddb.evidence.severities import SEVERITIES, severity_rank
from secure_ddb.evidence.standing import Standing, count, standing_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from secure_ddb.evidence.model import Evidence, Result, TableFacts, WaivedBy


class Outcome(Enum):
    """The verdict on a table or on all; the worst comes first."""

    NOT_OK = "not OK"
    INCOMPLETE = "incomplete"
    NOT_CHECKED = "not checked"
    OK = "OK"


@dataclass(frozen=True, kw_only=True)
class TableVerdict:
    """A table and its verdict.

    Attributes:
        table: As collected; None for the resources that belong to no table.
        outcome: The verdict.
        results: The results that concern it.
        waivers: Those of people, each once.
    """

    table: TableFacts | None
    outcome: Outcome
    results: tuple[Result, ...]
    waivers: tuple[WaivedBy, ...]

    @cached_property
    def counts(self) -> dict[Standing, int]:
        """The number of its results of each standing."""
        return count(map(standing_of, self.results))

    @cached_property
    def severities(self) -> dict[str, int]:
        """The number of open findings of each severity, the worst first."""
        return severities_of(self.results)

    @property
    def next_expiry(self) -> date | None:
        """The day on which the first of its waivers expires."""
        return min((each.expires for each in self.waivers if each.expires), default=None)

    @property
    def unapproved(self) -> int:
        """The number of its waivers without an approver."""
        return sum(not each.approved_by for each in self.waivers)


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All tables and the verdict on them.

    Attributes:
        outcome: The verdict.
        headline: The verdict in a line.
        verdicts: The tables, the worst first, and last the resources of no table, if they have results.
        total: All results and waivers.
    """

    outcome: Outcome
    headline: str
    verdicts: tuple[TableVerdict, ...]
    total: TableVerdict


def overview_of(evidence: Evidence) -> Overview:
    """Return the verdict on each table and on all."""
    found, elsewhere = _by_table(evidence)
    whole = not evidence.problems
    verdicts = sorted((_verdict(table, found[table.id], whole=whole) for table in evidence.tables), key=_worst_first)
    rest = _verdict(None, elsewhere, whole=whole)
    shown = any(standing is not Standing.MET for standing in rest.counts)
    waivers = _unique(waiver for each in (*verdicts, rest) for waiver in each.waivers)
    outcome, headline = _headline(verdicts, rest, whole=whole)
    return Overview(
        outcome=outcome,
        headline=headline,
        verdicts=(*verdicts, *([rest] if shown else [])),
        total=TableVerdict(table=None, outcome=outcome, results=evidence.results, waivers=waivers),
    )


def _by_table(evidence: Evidence) -> tuple[dict[str, list[Result]], list[Result]]:
    """Return the results of each table, and those of none."""
    found: dict[str, list[Result]] = {table.id: [] for table in evidence.tables}
    elsewhere = []
    for result in evidence.results:
        tables = [table for table in result.tables if table in found]
        for table in tables:
            found[table].append(result)
        if not tables:
            elsewhere.append(result)
    return found, elsewhere


def severities_of(results: Iterable[Result]) -> dict[str, int]:
    """Count the severities of open findings, the worst first."""
    counts = Counter(result.severity for result in results if standing_of(result) is Standing.NOT_MET)
    return dict(sorted(counts.items(), key=lambda each: severity_rank(each[0])))


def _verdict(table: TableFacts | None, results: Sequence[Result], *, whole: bool) -> TableVerdict:
    waived = [each.waived_by for each in results if each.waived_by and standing_of(each) is Standing.WAIVED]
    if any(standing_of(each) is Standing.NOT_MET for each in results):
        outcome = Outcome.NOT_OK
    elif not whole:
        outcome = Outcome.INCOMPLETE
    else:
        outcome = Outcome.OK if results else Outcome.NOT_CHECKED
    return TableVerdict(
        table=table,
        outcome=outcome,
        results=tuple(results),
        waivers=_unique([*(table.waivers.values() if table else ()), *waived]),
    )


def _unique(waivers: Iterable[WaivedBy]) -> tuple[WaivedBy, ...]:
    """Return each waiver once, wherever it was acknowledged."""
    return tuple(dict.fromkeys(replace(each, construct="") for each in waivers))


def _worst_first(verdict: TableVerdict) -> tuple[object, ...]:
    severities = [-verdict.severities.get(severity, 0) for severity in SEVERITIES]
    return (list(Outcome).index(verdict.outcome), severities, -verdict.counts.get(Standing.NOT_MET, 0))


def _headline(tables: Sequence[TableVerdict], rest: TableVerdict, *, whole: bool) -> tuple[Outcome, str]:
    bad = sum(each.outcome is Outcome.NOT_OK for each in tables)
    unchecked = sum(each.outcome is Outcome.NOT_CHECKED for each in tables)
    if bad:
        of = f"{bad:,} of {len(tables):,} tables" if len(tables) > 1 else "the table"
        return Outcome.NOT_OK, f"Not OK: {of} {'have' if bad > 1 else 'has'} open findings"
    if rest.outcome is Outcome.NOT_OK:
        return Outcome.NOT_OK, "Not OK: open findings outside of the tables"
    if not whole:
        return Outcome.INCOMPLETE, "Incomplete: no open findings, but not everything was checked"
    if unchecked:
        return Outcome.INCOMPLETE, f"Incomplete: {counted(unchecked, 'table')} had no rule to check"
    if not tables:
        return Outcome.NOT_CHECKED, "No tables: no open findings, and no table to check"
    return Outcome.OK, f"OK: no open findings in {counted(len(tables), 'table')}"
