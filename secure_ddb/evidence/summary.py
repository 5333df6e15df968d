"""The summary of evidence that a synth and `secure-ddb report` print: the verdict first, then open findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.markup import escape

from secure_ddb.counted import counted
from secure_ddb.evidence.checks import State, checks_of
from secure_ddb.evidence.console import print_line, summary_console
from secure_ddb.evidence.details import print_details
from secure_ddb.evidence.grouped import grouped
from secure_ddb.evidence.names import finding_name, place_of, table_name
from secure_ddb.evidence.overview import Outcome, overview_of
from secure_ddb.evidence.severities import severity_rank
from secure_ddb.evidence.standing import Standing, count, standing_of, standing_of_control
from secure_ddb.evidence.waivers import waiver_text, waivers_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from secure_ddb.evidence.model import Evidence, Result
    from secure_ddb.evidence.overview import Overview, TableVerdict

# With three tables, all of it is at most 40 lines.
_TABLES, _FINDINGS, _WAIVERS, _PROBLEMS = 12, 10, 4, 4
_COLORS = {
    Outcome.OK: "bold green",
    Outcome.NOT_OK: "bold red",
    Outcome.INCOMPLETE: "bold yellow",
    Outcome.NOT_CHECKED: "bold yellow",
}
# Standings that need no action.
_OTHERS = (Standing.MET, Standing.BY_DESIGN, Standing.NOT_APPLICABLE)


def print_summary(
    evidence: Evidence, directory: Path, console: Console | None = None, *, details: bool = False
) -> None:
    """Print the verdict, each table, problems, the worst open findings and waivers, and where the rest is.

    Args:
        evidence: The evidence.
        directory: Where the files of the evidence are.
        console: Where to print.
        details: Whether to print every finding, waiver and setting by stack instead of the worst.
    """
    console = console or summary_console()
    overview = overview_of(evidence)
    _print_verdict(overview, console)
    if details:
        print_details(evidence, console)
    else:
        for text, level in (*_problems(evidence), *_findings(evidence), *_waivers(evidence)):
            print_line(text, console, level)
    for text, level in _rest(evidence):
        print_line(text, console, level)
    command = "" if details else f", or: secure-ddb report --details {directory}"
    print_line(f"Details: {escape(str(directory / 'evidence.html'))}{escape(command)}", console)


def _print_verdict(overview: Overview, console: Console) -> None:
    """Print the verdict on all tables, and on each."""
    figures = _figures(overview.total)
    print_line(f"[{_COLORS[overview.outcome]}]{overview.headline}[/]{f'; {figures}' if figures else ''}", console)
    shown, left = overview.verdicts[:_TABLES], overview.verdicts[_TABLES:]
    outcomes = max((len(verdict.outcome.value) for verdict in shown), default=0)
    names = max((len(_verdict_name(verdict)) for verdict in shown), default=0)
    for verdict in shown:
        # Padded before they are escaped, which makes names longer.
        outcome, name = verdict.outcome.value.ljust(outcomes), _verdict_name(verdict).ljust(names)
        text = f"[{_COLORS[verdict.outcome]}]{outcome}[/]  {escape(name)}  {_figures(verdict)}"
        print_line(text.rstrip(), console, 1)
    if left:
        of_left = Counter(verdict.outcome for verdict in left)
        each = ", ".join(f"{of_left[outcome]:,} {outcome.value}" for outcome in Outcome if of_left[outcome])
        print_line(f"and {counted(len(left), 'more table')}: {each}", console, 1)


def _verdict_name(verdict: TableVerdict) -> str:
    return table_name(verdict.table) if verdict.table else "other resources"


def _figures(verdict: TableVerdict) -> str:
    counts, parts = verdict.counts, []
    if counts.get(Standing.NOT_MET):
        each = ", ".join(f"{number:,} {escape(severity)}" for severity, number in verdict.severities.items())
        parts.append(f"{counts[Standing.NOT_MET]:,} open ({each})")
    if counts.get(Standing.NOT_VERIFIABLE):
        parts.append(f"{counts[Standing.NOT_VERIFIABLE]:,} not verifiable")
    if verdict.waivers:
        notes = [f"next expiry {verdict.next_expiry}"] if verdict.next_expiry else []
        if verdict.unapproved == len(verdict.waivers):
            notes.append("no approver recorded")
        elif verdict.unapproved:
            notes.append(f"{verdict.unapproved:,} without an approver")
        parts.append(f"{counted(len(verdict.waivers), 'waiver')} ({', '.join(notes) or 'no expiry'})")
    return ", ".join(parts)


def _problems(evidence: Evidence) -> Iterator[tuple[str, int]]:
    if evidence.problems:
        yield f"[bold]Incomplete ({len(evidence.problems):,})[/]", 0
        yield from ((f"[red]problem:[/] {escape(problem)}", 1) for problem in evidence.problems[:_PROBLEMS])
        yield from _more(len(evidence.problems) - _PROBLEMS, "problem")


def _findings(evidence: Evidence) -> Iterator[tuple[str, int]]:
    """Yield each kind of finding once, the worst first."""
    found = [result for result in evidence.results if standing_of(result) is Standing.NOT_MET]
    if not found:
        return
    yield f"[bold]Open findings ({len(found):,})[/]: fix them, or have them waived", 0
    groups = grouped(found, lambda result: (result.severity, result.rule, result.title))
    ordered = sorted(groups.items(), key=lambda each: severity_rank(each[0][0]))
    for (severity, *_), results in ordered[:_FINDINGS]:
        yield f"[red]{escape(severity)}[/] {escape(_finding(results))}", 1
    yield from _more(len(ordered) - _FINDINGS, "kind of finding", "kinds of findings")


def _finding(results: Sequence[Result]) -> str:
    """Return rule, place, title and detail; of several places or details the first."""
    first = results[0]
    name = finding_name(first) if len({result.key for result in results}) == 1 else first.rule
    places = list(dict.fromkeys(map(place_of, results)))
    further = f" and {len(places) - 1:,} more" if len(places) > 1 else ""
    details = list(dict.fromkeys(result.detail for result in results if result.detail))
    others = f" (and {len(details) - 1:,} more)" if len(details) > 1 else ""
    seen = f": {details[0]}{others}" if details else ""
    return f"{name} on {places[0]}{further}: {first.title}{seen}"


def _waivers(evidence: Evidence) -> Iterator[tuple[str, int]]:
    """Yield the waivers of people: first those without an approver, then those that expire next."""
    waivers = waivers_of(evidence)
    if not waivers:
        return
    yield f"[bold]Waivers ({len(waivers):,})[/]", 0
    for waiver, covered in [*waivers.items()][:_WAIVERS]:
        covers = [f"{guarantee} of {table_name(table)}" for table, guarantee in covered.guarantees]
        covers += [counted(len(covered.results), "finding")] if covered.results else []
        yield f"{escape(', '.join(covers))}: {escape(waiver_text(waiver))}", 1
    yield from _more(len(waivers) - _WAIVERS, "waiver")


def _more(number: int, one: str, many: str = "") -> Iterator[tuple[str, int]]:
    if number > 0:
        yield f"and {counted(number, f'more {one}', f'more {many}' if many else '')}", 1


def _rest(evidence: Evidence) -> Iterator[tuple[str, int]]:
    yield f"Checks: {escape('; '.join(_checks(evidence)))}", 0
    results = count(map(standing_of, evidence.results))
    parts = [f"{results[each]:,} {each.value}" for each in _OTHERS if each in results]
    parts += [f"{results[Standing.MANUAL]:,} need manual evidence"] if Standing.MANUAL in results else []
    if parts:
        yield f"Results: {', '.join(parts)}", 0
    if evidence.controls:
        yield f"Controls: {_controls_line(evidence)}", 0
    if evidence.cost:
        yield f"Cost: {escape(evidence.cost.summary)}", 0


def _controls_line(evidence: Evidence) -> str:
    """Return the number of controls of each standing, those that need manual evidence apart."""
    counts = count(standing_of_control(control, evidence.results) for control in evidence.controls)
    manual = counts.pop(Standing.MANUAL, 0)
    parts = ", ".join(f"{number:,} {standing.value}" for standing, number in counts.items())
    people = f"{manual:,} need manual evidence" if manual else ""
    return "; ".join(filter(None, (parts, people)))


def _checks(evidence: Evidence) -> Iterator[str]:
    """Yield the packs of each state."""
    checks = grouped(checks_of(evidence), lambda check: check.state)
    for state in (state for state in State if state in checks):
        names = [
            f"{check.pack.name} ({check.applied} of {check.pack.rules} rules apply)"
            if check.pack.rules
            else check.pack.name
            for check in checks[state]
        ]
        yield f"{state.value}: {', '.join(names)}"
