"""All that evidence says but what is met, printed by stack: `secure-ddb report --details`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rich.markup import escape

from secure_ddb.counted import counted
from secure_ddb.evidence.console import print_line, summary_console
from secure_ddb.evidence.names import finding_name, place_of
from secure_ddb.evidence.standing import Standing, count, standing_of
from secure_ddb.evidence.waivers import waiver_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from secure_ddb.evidence.model import Evidence, Result, StackFacts, TableFacts


def print_details(evidence: Evidence, console: Console | None = None) -> None:
    """Print stacks, tables, findings, waivers with their reasons, and what is accepted by design."""
    console = console or summary_console()
    results_of: defaultdict[str, list[Result]] = defaultdict(list)
    for result in evidence.results:
        results_of[result.stack].append(result)
    for stack in evidence.stacks:
        tables = [table for table in evidence.tables if table.stack == stack.name]
        _print_stack(stack, tables, results_of.pop(stack.name, []), console)
    elsewhere = [result for results in results_of.values() for result in results]
    if any(standing_of(result) is not Standing.MET for result in elsewhere):
        print_line("[bold]Not in any stack[/]", console)
        _print_results(elsewhere, console)
    if evidence.problems:
        print_line("[bold]Incomplete[/]", console)
    for problem in evidence.problems:
        print_line(f"[red]problem:[/] {escape(problem)}", console, 1)


def _print_stack(stack: StackFacts, tables: Sequence[TableFacts], results: Sequence[Result], console: Console) -> None:
    counts = count(map(standing_of, results))
    print_line(
        f"[bold]{escape(stack.name)}[/]: {counted(stack.resources, 'resource')}, "
        f"{counted(counts.get(Standing.NOT_MET, 0), 'open finding')}, "
        f"{counts.get(Standing.WAIVED, 0):,} waived, {counts.get(Standing.BY_DESIGN, 0):,} accepted by design, "
        f"{escape(stack.template)}",
        console,
    )
    for table in tables:
        for level, line in _table_lines(table):
            print_line(line, console, level)
    _print_results(results, console)


def _print_results(results: Sequence[Result], console: Console) -> None:
    by_standing: defaultdict[Standing, list[Result]] = defaultdict(list)
    for result in results:
        by_standing[standing_of(result)].append(result)
    lines = (
        *_finding_lines(by_standing[Standing.NOT_MET]),
        *_grouped_lines("not verifiable", by_standing[Standing.NOT_VERIFIABLE]),
        *_grouped_lines("manual", by_standing[Standing.MANUAL]),
        *_waiver_lines("[yellow]waived:[/]", by_standing[Standing.WAIVED]),
        *_waiver_lines("accepted by design:", by_standing[Standing.BY_DESIGN]),
    )
    for level, line in lines:
        print_line(line, console, level)


def _table_lines(table: TableFacts) -> Iterator[tuple[int, str]]:
    yield 1, f"table [bold]{escape(table.name)}[/], {escape(table.classification)}"
    if table.ephemeral:
        yield 2, f"[yellow]ephemeral:[/] {escape(table.ephemeral)}"
    for guarantee, waiver in table.waivers.items():
        yield 2, f"[yellow]waived:[/] {escape(guarantee)}: {escape(waiver_text(waiver))}"
    for argument, value in table.settings.items():
        yield 2, f"setting: {escape(argument)}: {escape(value)}"
    for argument, claim in table.claims.items():
        yield 2, f"[yellow]claimed, not verified:[/] {escape(argument)}: {escape(claim)}"
    for fact in table.not_verifiable:
        yield 2, f"[yellow]not verifiable:[/] {escape(fact)}"


def _finding_lines(findings: Sequence[Result]) -> Iterator[tuple[int, str]]:
    for finding in findings:
        yield 1, f"[red]finding:[/] {escape(finding_name(finding))} on {escape(place_of(finding))}"
        yield 2, escape(_description(finding))


def _grouped_lines(status: str, findings: Sequence[Result]) -> Iterator[tuple[int, str]]:
    """Say once what is true of several constructs."""
    places_of: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for finding in findings:
        places_of[finding_name(finding), _description(finding)].append(place_of(finding))
    for (rule, description), places in places_of.items():
        yield 1, f"[yellow]{status}:[/] {escape(rule)} on {escape(', '.join(places))}"
        yield 2, escape(description)


def _waiver_lines(said: str, waived: Sequence[Result]) -> Iterator[tuple[int, str]]:
    """Say each reason once: packs ask the same question under different names, and of several constructs."""
    by_reason: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for finding in waived:
        if finding.waived_by:
            reason = finding.waived_by.reason if finding.by_design else waiver_text(finding.waived_by)
            by_reason[reason][place_of(finding)].append(finding_name(finding))
    for reason, rules_of in by_reason.items():
        places_with: defaultdict[str, list[str]] = defaultdict(list)
        for place, rules in rules_of.items():
            places_with[", ".join(rules)].append(place)
        for names, places in places_with.items():
            yield 1, f"{said} {escape(names)}"
            yield 2, f"on {escape(', '.join(places))}"
        yield 2, f"[dim]{escape(reason)}[/]"


def _description(result: Result) -> str:
    return f"{result.title}: {result.detail}" if result.detail else result.title
