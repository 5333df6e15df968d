"""The findings of a check, to read and for programs."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.rule import Rule

from secure_ddb.cli.terminal import report_console
from secure_ddb.counted import counted
from secure_ddb.evidence.console import print_line
from secure_ddb.evidence.grouped import grouped
from secure_ddb.evidence.model import Status
from secure_ddb.evidence.overview import severities_of
from secure_ddb.evidence.severities import severity_rank
from secure_ddb.evidence.waivers import waiver_text
from secure_ddb.evidence.write_json import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

    from secure_ddb.evidence.model import Evidence, Result

# Of one detail; an app may have hundreds of tables.
_MOST_KEYS = 8
COLORS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}


def findings_json(evidence: Evidence) -> str:
    """Write everything that is not met, as docs/check.md describes it: each finding has the names of `Result`."""
    report = {
        "version": evidence.version,
        "judged_on": evidence.judged_on,
        "problems": evidence.problems,
        "met": sum(result.status is Status.MET for result in evidence.results),
        "findings": [result for result in evidence.results if result.status is not Status.MET],
    }
    return json.dumps(report, default=plain, ensure_ascii=False, indent=2)


def print_evidence(evidence: Evidence, console: Console | None = None) -> None:
    """Print everything that is not met by resource, parts that were not judged, and a summary."""
    console = console or report_console()
    found = [result for result in evidence.results if result.status is not Status.MET]
    for template, results in grouped(found, lambda result: result.template or "not in any template").items():
        console.print(Rule(f"[bold]{escape(template)}[/]", align="left"))
        for of_resource in grouped(results, lambda result: result.logical_id or result.construct).values():
            _print_resource(of_resource, console)
    if evidence.problems:
        console.print(Rule("notes", align="left"))
    for problem in evidence.problems:
        console.print(f"- {escape(problem)}", soft_wrap=True)
    console.print(Rule("result", align="left"))
    for line in _summary(evidence):
        console.print(line, soft_wrap=True)


def _print_resource(results: list[Result], console: Console) -> None:
    first = results[0]
    line = f", line {first.location.line}" if first.location else ""
    console.print(f"[bold]{escape(first.logical_id or first.construct)}[/] {escape(first.resource_type)}{line}")
    for status in (Status.NOT_MET, Status.NOT_VERIFIABLE, Status.MANUAL, Status.WAIVED):
        of_rules = grouped([result for result in results if result.status is status], lambda result: result.rule)
        for of_rule in sorted(of_rules.values(), key=lambda each: severity_rank(each[0].severity)):
            for level, text in _lines(of_rule):
                print_line(text, console, level)


def _lines(results: list[Result]) -> Iterator[tuple[int, str]]:
    """Yield level and text of each line on the results of one rule and status."""
    first = results[0]
    name = f"{escape(first.rule)}: {escape(first.title)}"
    if first.status is Status.WAIVED:
        yield 1, f"waived {name}"
        for text in dict.fromkeys(waiver_text(result.waived_by) for result in results if result.waived_by):
            yield 2, f"[dim]{escape(text)}[/]"
        return
    is_open = first.status is Status.NOT_MET
    color, word = (COLORS[first.severity], first.severity) if is_open else ("yellow", first.status.value)
    yield 1, f"[{color}]{word}[/] {name}"
    yield from ((2, line) for line in _seen(results))
    if is_open:
        yield 2, f"[dim]{escape(first.remedy)}[/]"


def _seen(results: Iterable[Result]) -> Iterator[str]:
    """Yield property and detail, once for all replicas, tables or other keys that share them."""
    for (path, detail), its in grouped(results, lambda result: (result.property_path, result.detail)).items():
        line = detail if path == "Properties" else f"{path}: {detail}"
        yield escape(f"{line} ({_keys(its)})" if len(its) > 1 else line)


def _keys(results: Sequence[Result]) -> str:
    """Name the keys of results, each once, or else count results that have none or the same."""
    keys = list(dict.fromkeys(result.key for result in results if result.key))
    if len(keys) <= 1:
        return f"{len(results)} times"
    more = f" and {len(keys) - _MOST_KEYS} more" if len(keys) > _MOST_KEYS else ""
    return ", ".join(keys[:_MOST_KEYS]) + more


def _summary(evidence: Evidence) -> Iterator[str]:
    tables = {table for result in evidence.results for table in result.tables}
    judged = f"{counted(len(tables), 'table')} in {counted(len(evidence.stacks), 'template')}"
    by_status = Counter(result.status for result in evidence.results)
    others = ", ".join(
        f"{by_status[status]:,} {status.value}"
        for status in (Status.NOT_VERIFIABLE, Status.WAIVED, Status.MANUAL, Status.MET)
    )
    if not evidence.results:
        yield f"[yellow]nothing to check:[/] {judged}"
        return
    severities = severities_of(evidence.results)
    if not severities:
        yield f"[bold green]no findings[/], {others}; {judged}"
        return
    each = ", ".join(f"{number:,} {severity}" for severity, number in severities.items())
    yield f"[bold red]{counted(by_status[Status.NOT_MET], 'finding')}[/] ({each}), {others}; {judged}"
    not_met = (result for result in evidence.results if result.status is Status.NOT_MET)
    worst = min(not_met, key=lambda result: severity_rank(result.severity))
    yield f"[dim]Run secure-ddb check --explain {worst.rule} for details of a rule[/]"
