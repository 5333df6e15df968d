"""The findings of a check, to read."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule

from secure_ddb.cli.terminal import report_console
from secure_ddb.counted import counted
from secure_ddb.evidence.model import Status
from secure_ddb.evidence.waivers import waiver_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from secure_ddb.evidence.model import Evidence, Result

# Of each severity, the worst first.
COLORS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_ORDER = list(COLORS)
_INDENT = 2


def print_evidence(evidence: Evidence, console: Console | None = None) -> None:
    """Print everything but what is met for each resource, what was not judged, and a summary."""
    console = console or report_console()
    for template, resources in _by_resource(evidence).items():
        console.print(Rule(f"[bold]{escape(template)}[/]", align="left"))
        for results in resources.values():
            _print_resource(results, console)
    if evidence.problems:
        console.print(Rule("to know", align="left"))
    for problem in evidence.problems:
        console.print(f"- {escape(problem)}", soft_wrap=True)
    console.print(Rule("result", align="left"))
    for line in _summary(evidence):
        console.print(line, soft_wrap=True)


def _by_resource(evidence: Evidence) -> dict[str, dict[str, list[Result]]]:
    found: dict[str, dict[str, list[Result]]] = {}
    for result in evidence.results:
        if result.status is not Status.MET:
            of_template = found.setdefault(result.template or "not in any template", {})
            of_template.setdefault(result.logical_id or result.construct, []).append(result)
    return found


def _print_resource(results: list[Result], console: Console) -> None:
    first = results[0]
    line = f", line {first.location.line}" if first.location else ""
    console.print(f"[bold]{escape(first.logical_id or first.construct)}[/] {escape(first.resource_type)}{line}")
    for status, lines in (
        (Status.NOT_MET, _not_met),
        (Status.NOT_VERIFIABLE, _unsure),
        (Status.MANUAL, _unsure),
        (Status.WAIVED, _waived),
    ):
        for level, text in lines(_of_rules(results, status)):
            _print_line(text, _INDENT * level, console)


def _print_line(text: str, indent: int, console: Console) -> None:
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        # In a pipeline's log a line stays one.
        console.print(f"{' ' * indent}{text}", soft_wrap=True)


def _of_rules(results: Iterable[Result], status: Status) -> list[list[Result]]:
    """Return what each rule says, the worst first."""
    by_rule: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        if result.status is status:
            by_rule[result.rule].append(result)
    return sorted(by_rule.values(), key=lambda each: _ORDER.index(each[0].severity))


def _not_met(rules: Iterable[list[Result]]) -> Iterator[tuple[int, str]]:
    for results in rules:
        first = results[0]
        yield 1, f"[{COLORS[first.severity]}]{first.severity}[/] {escape(first.rule)}: {escape(first.title)}"
        yield from ((2, line) for line in _seen(results))
        yield 2, f"[dim]{escape(first.remedy)}[/]"


def _unsure(rules: Iterable[list[Result]]) -> Iterator[tuple[int, str]]:
    for results in rules:
        first = results[0]
        yield 1, f"[yellow]{first.status.value}[/] {escape(first.rule)}: {escape(first.title)}"
        yield from ((2, line) for line in _seen(results))


def _waived(rules: Iterable[list[Result]]) -> Iterator[tuple[int, str]]:
    for results in rules:
        first = results[0]
        yield 1, f"waived {escape(first.rule)}: {escape(first.title)}"
        for text in dict.fromkeys(waiver_text(result.waived_by) for result in results if result.waived_by):
            yield 2, f"[dim]{escape(text)}[/]"


def _seen(results: Iterable[Result]) -> Iterator[str]:
    """Yield what was seen where, once for all replicas or whatever else it was seen of."""
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for result in results:
        path = "" if result.property_path == "Properties" else f"{result.property_path}: "
        keys[f"{path}{result.detail}"].append(result.key)
    for line, seen_of in keys.items():
        yield escape(f"{line} ({', '.join(seen_of)})" if len(seen_of) > 1 else line)


def _summary(evidence: Evidence) -> Iterator[str]:
    tables = {table for result in evidence.results for table in result.tables}
    judged = f"{counted(len(tables), 'table')} in {counted(len(evidence.stacks), 'template')}"
    by_status = Counter(result.status for result in evidence.results)
    others = ", ".join(
        f"{by_status[status]:,} {status.value}"
        for status in (Status.NOT_VERIFIABLE, Status.WAIVED, Status.MANUAL, Status.MET)
    )
    found = by_status[Status.NOT_MET]
    if not evidence.results:
        yield f"[yellow]nothing to judge:[/] {judged}"
        return
    if not found:
        yield f"[bold green]no findings[/], {others}; {judged}"
        return
    severities = Counter(result.severity for result in evidence.results if result.status is Status.NOT_MET)
    each = ", ".join(f"{severities[severity]:,} {severity}" for severity in _ORDER if severities[severity])
    yield f"[bold red]{counted(found, 'finding')}[/] ({each}), {others}; {judged}"
    yield f"[dim]secure-ddb check --explain {_worst(evidence)} says more about a rule[/]"


def _worst(evidence: Evidence) -> str:
    not_met = (result for result in evidence.results if result.status is Status.NOT_MET)
    return min(not_met, key=lambda result: _ORDER.index(result.severity)).rule
