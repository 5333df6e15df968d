"""All evidence except met results, printed by stack: `secure-ddb report --details`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from secure_ddb.counted import counted
from secure_ddb.evidence.console import print_line, summary_console
from secure_ddb.evidence.grouped import grouped
from secure_ddb.evidence.names import finding_name, place_of
from secure_ddb.evidence.standing import Standing, count, standing_of
from secure_ddb.evidence.waivers import waiver_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from secure_ddb.evidence.model import Evidence, Result, StackFacts, TableFacts


def print_details(evidence: Evidence, console: Console | None = None) -> None:
    """Print stacks, tables, findings, waivers with their reasons, and findings that are accepted by design."""
    console = console or summary_console()
    results_of = grouped(evidence.results, lambda result: result.stack)
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
    by_standing = grouped(results, standing_of)
    lines = (
        *_finding_lines(by_standing.get(Standing.NOT_MET, [])),
        *_grouped_lines("not verifiable", by_standing.get(Standing.NOT_VERIFIABLE, [])),
        *_grouped_lines("manual", by_standing.get(Standing.MANUAL, [])),
        *_waiver_lines("[yellow]waived:[/]", by_standing.get(Standing.WAIVED, [])),
        *_waiver_lines("accepted by design:", by_standing.get(Standing.BY_DESIGN, [])),
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
    for title, fact in table.backups.items():
        yield 2, f"backups: {escape(title)}: {escape(fact)}"
    for fact in table.not_verifiable:
        yield 2, f"[yellow]not verifiable:[/] {escape(fact)}"


def _finding_lines(findings: Sequence[Result]) -> Iterator[tuple[int, str]]:
    for finding in findings:
        yield 1, f"[red]finding:[/] {escape(finding_name(finding))} on {escape(place_of(finding))}"
        yield 2, escape(_description(finding))


def _grouped_lines(status: str, findings: Sequence[Result]) -> Iterator[tuple[int, str]]:
    """Yield findings with the same description once, with all their constructs."""
    groups = grouped(findings, lambda finding: (finding_name(finding), _description(finding)))
    for (rule, description), its in groups.items():
        yield 1, f"[yellow]{status}:[/] {escape(rule)} on {escape(', '.join(map(place_of, its)))}"
        yield 2, escape(description)


def _waiver_lines(said: str, waived: Sequence[Result]) -> Iterator[tuple[int, str]]:
    """Yield each reason once: packs ask the same question under different names, and of several constructs."""
    for reason, findings in grouped(waived, _reason).items():
        by_place = grouped(findings, place_of)
        names_at = [(place, ", ".join(map(finding_name, its))) for place, its in by_place.items()]
        for names, places in grouped(names_at, lambda each: each[1]).items():
            yield 1, f"{said} {escape(names)}"
            yield 2, f"on {escape(', '.join(place for place, _ in places))}"
        yield 2, f"[dim]{escape(reason)}[/]"


def _reason(result: Result) -> str:
    if result.waived_by is None:
        return "no reason recorded"
    return result.waived_by.reason if result.by_design else waiver_text(result.waived_by)


def _description(result: Result) -> str:
    return f"{result.title}: {result.detail}" if result.detail else result.title
