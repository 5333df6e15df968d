"""The summary of evidence that a synth prints, and `secure-ddb report` too."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

try:
    from rich.console import Console
    from rich.markup import escape
    from rich.padding import Padding
    from rich.rule import Rule
except ImportError as error:
    raise ImportError("the summary needs rich: pip install 'secure-ddb[report]'") from error

from secure_ddb.counted import counted
from secure_ddb.evidence.collect import open_results
from secure_ddb.evidence.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from secure_ddb.evidence.model import Evidence, Result, StackFacts, TableFacts, WaivedBy

_INDENT = 2


def summary_console(*, to_errors: bool = False) -> Console:
    """Return a console for standard output, or for standard error."""
    # The CDK CLI sets FORCE_COLOR=0 where its own output is no terminal, and rich takes any value for a yes.
    colors = False if os.environ.get("FORCE_COLOR") == "0" else None
    # Names are printed as they are: `:secret:` in an ARN is not an emoji.
    return Console(stderr=to_errors, force_terminal=colors, highlight=False, emoji=False)


def print_summary(evidence: Evidence, directory: Path, console: Console | None = None) -> None:
    """Print stacks, tables, findings, waivers with their reasons, what is missing, and where the files are."""
    console = console or summary_console()
    results_of: defaultdict[str, list[Result]] = defaultdict(list)
    for result in evidence.results:
        results_of[result.stack].append(result)
    for stack in evidence.stacks:
        tables = [table for table in evidence.tables if table.stack == stack.name]
        _print_stack(stack, tables, results_of.pop(stack.name, []), console)
    elsewhere = [result for results in results_of.values() for result in results if result.status is not Status.MET]
    if elsewhere:
        console.print(Rule("not in any stack", align="left"))
        _print_results(elsewhere, console)
    if evidence.problems:
        console.print(Rule("missing", align="left"))
        _print_lines(((1, f"[red]problem:[/] {escape(problem)}") for problem in evidence.problems), console)
    _print_verdict(evidence, directory, console)


def _print_verdict(evidence: Evidence, directory: Path, console: Console) -> None:
    console.print(Rule("result", align="left"))
    counts = _counts(evidence.results)
    found = len(open_results(evidence))
    verdict = (
        f"[bold red]{counted(found, 'finding')} to fix or to waive[/]" if found else "[bold green]no open findings[/]"
    )
    missing = f", [bold red]{counted(len(evidence.problems), 'problem')}[/]" if evidence.problems else ""
    console.print(f"{verdict}, {counts[Status.WAIVED]} waived, {counted(len(evidence.stacks), 'stack')}{missing}")
    others = (Status.MET, Status.NOT_VERIFIABLE, Status.MANUAL)
    console.print(", ".join(f"{counts[status]} {status.value}" for status in others))
    packs = (pack.name if pack.succeeded else f"{pack.name} (broke down)" for pack in evidence.packs)
    console.print(f"packs: {escape(', '.join(packs))}", soft_wrap=True)
    if evidence.controls:
        standing = Counter(control.status for control in evidence.controls)
        shown = ", ".join(f"{standing[status]} {status.value}" for status in Status if standing[status])
        console.print(f"controls: {shown}", soft_wrap=True)
    console.print(f"templates and evidence: {escape(str(directory))}", soft_wrap=True)


def _print_stack(stack: StackFacts, tables: Sequence[TableFacts], results: Sequence[Result], console: Console) -> None:
    counts = _counts(results)
    console.print(Rule(f"[bold]{escape(stack.name)}[/]", align="left"))
    console.print(
        f"{counted(stack.resources, 'resource')}, {counted(counts[Status.NOT_MET], 'finding')}, "
        f"{counts[Status.WAIVED]} waived, "
        f"{escape(stack.template)}"
    )
    for table in tables:
        _print_lines(_table_lines(table), console)
    _print_results(results, console)


def _counts(results: Sequence[Result]) -> Counter[Status]:
    return Counter(result.status for result in results)


def _print_results(results: Sequence[Result], console: Console) -> None:
    def standing(status: Status) -> list[Result]:
        return [result for result in results if result.status is status]

    _print_lines(_finding_lines(standing(Status.NOT_MET)), console)
    _print_lines(_grouped_lines("not verifiable", standing(Status.NOT_VERIFIABLE)), console)
    _print_lines(_grouped_lines("manual", standing(Status.MANUAL)), console)
    _print_lines(_waiver_lines(standing(Status.WAIVED)), console)


def _print_lines(lines: Iterator[tuple[int, str]], console: Console) -> None:
    for level, line in lines:
        console.print(Padding(line, (0, 0, 0, _INDENT * level), expand=False))


def _table_lines(table: TableFacts) -> Iterator[tuple[int, str]]:
    yield 1, f"table [bold]{escape(table.name)}[/], {escape(table.classification)}"
    if table.ephemeral:
        yield 2, f"[yellow]ephemeral:[/] {escape(table.ephemeral)}"
    for guarantee, waiver in table.waivers.items():
        yield 2, f"[yellow]waived:[/] {escape(guarantee)}: {escape(_reason(waiver))}"
    for argument, value in table.settings.items():
        yield 2, f"setting: {escape(argument)}: {escape(value)}"
    for argument, claim in table.claims.items():
        yield 2, f"[yellow]claimed, not verified:[/] {escape(argument)}: {escape(claim)}"
    for fact in table.not_verifiable:
        yield 2, f"[yellow]not verifiable:[/] {escape(fact)}"


def _finding_lines(findings: Sequence[Result]) -> Iterator[tuple[int, str]]:
    for finding in findings:
        yield 1, f"[red]finding:[/] {escape(_name(finding))} on {escape(_place(finding))}"
        yield 2, escape(_description(finding))


def _grouped_lines(status: str, findings: Sequence[Result]) -> Iterator[tuple[int, str]]:
    """Say once what cannot be seen of several constructs."""
    places_of: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for finding in findings:
        places_of[_name(finding), _description(finding)].append(_place(finding))
    for (rule, description), places in places_of.items():
        yield 1, f"[yellow]{status}:[/] {escape(rule)} on {escape(', '.join(places))}"
        yield 2, escape(description)


def _waiver_lines(waived: Sequence[Result]) -> Iterator[tuple[int, str]]:
    """Say each reason once: packs ask the same question under different names, and of several constructs."""
    by_reason: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for finding in waived:
        if finding.waived_by:
            by_reason[_reason(finding.waived_by)][_place(finding)].append(_name(finding))
    for reason, rules_of in by_reason.items():
        places_with: defaultdict[str, list[str]] = defaultdict(list)
        for place, rules in rules_of.items():
            places_with[", ".join(rules)].append(place)
        for names, places in places_with.items():
            yield 1, f"waived: {escape(names)}"
            yield 2, f"on {escape(', '.join(places))}"
        yield 2, f"[dim]{escape(reason)}[/]"


def _name(result: Result) -> str:
    """Return the name by which a finding can be acknowledged."""
    return f"{result.rule}[{result.key}]" if result.key else result.rule


def _place(result: Result) -> str:
    """Return the construct, or the resource in its template where CDK knows no construct."""
    return result.construct or "/".join(filter(None, (result.template, result.logical_id)))


def _description(result: Result) -> str:
    return f"{result.title}: {result.detail}" if result.detail else result.title


def _reason(waiver: WaivedBy) -> str:
    """Say why, who approved it and until when, as `Waiver` writes it."""
    if not waiver.approved_by or waiver.expires is None:
        return waiver.reason
    return f"{waiver.reason} (approved by {waiver.approved_by}, expires {waiver.expires.isoformat()})"
