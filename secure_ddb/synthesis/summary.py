"""The summary that a synth prints."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

try:
    from rich.console import Console
    from rich.markup import escape
    from rich.padding import Padding
    from rich.rule import Rule
except ImportError as error:
    raise ImportError("the summary needs rich: pip install 'secure-ddb[report]'") from error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.synthesis.report import Finding, Report, StackReport, TableFacts

_INDENT = 2


def print_summary(report: Report, console: Console | None = None) -> None:
    """Print stacks, tables, findings, waivers with their reasons, and where the files are."""
    # Names are printed as they are: `:secret:` in an ARN is not an emoji.
    console = console or Console(highlight=False, emoji=False)
    for stack in report.stacks:
        _print_stack(stack, console)
    if report.elsewhere:
        console.print(Rule("not in any stack", align="left"))
        _print_lines(_finding_lines([finding for finding in report.elsewhere if not finding.reason]), console)
        _print_lines(_waiver_lines([finding for finding in report.elsewhere if finding.reason]), console)
    console.print(Rule("result", align="left"))
    found = len(report.findings)
    verdict = f"[bold red]{found} findings to fix or to waive[/]" if found else "[bold green]no open findings[/]"
    console.print(f"{verdict}, {len(report.waived)} waived, {len(report.stacks)} stacks")
    console.print(f"templates and validation-report.json: {escape(str(report.directory))}", soft_wrap=True)


def _print_stack(stack: StackReport, console: Console) -> None:
    console.print(Rule(f"[bold]{escape(stack.path)}[/]", align="left"))
    console.print(
        f"{stack.resources} resources, {len(stack.findings)} findings, {len(stack.waived)} waived, "
        f"{escape(stack.template_file.name)}"
    )
    for table in stack.tables:
        _print_lines(_table_lines(table), console)
    _print_lines(_finding_lines(stack.findings), console)
    _print_lines(_not_verifiable_lines(stack.not_verifiable), console)
    _print_lines(_waiver_lines(stack.waived), console)


def _print_lines(lines: Iterator[tuple[int, str]], console: Console) -> None:
    for level, line in lines:
        console.print(Padding(line, (0, 0, 0, _INDENT * level), expand=False))


def _table_lines(table: TableFacts) -> Iterator[tuple[int, str]]:
    evidence = table.evidence
    yield 1, f"table [bold]{escape(table.name)}[/], {escape(table.classification)}"
    if evidence.get("ephemeral"):
        yield 2, f"[yellow]ephemeral:[/] {escape(evidence['ephemeral'])}"
    for guarantee, waiver in evidence.get("waivers", {}).items():
        yield 2, f"[yellow]waived:[/] {escape(guarantee)}: {escape(waiver)}"
    for argument, value in evidence.get("settings", {}).items():
        yield 2, f"setting: {escape(argument)}: {escape(value)}"
    for argument, claim in evidence.get("claims", {}).items():
        yield 2, f"[yellow]claimed, not verified:[/] {escape(argument)}: {escape(claim)}"
    for fact in evidence.get("not_verifiable", ()):
        yield 2, f"[yellow]not verifiable:[/] {escape(fact)}"


def _finding_lines(findings: Sequence[Finding]) -> Iterator[tuple[int, str]]:
    for finding in findings:
        yield 1, f"[red]finding:[/] {escape(finding.rule)} on {escape(finding.construct)}"
        yield 2, escape(finding.description)


def _not_verifiable_lines(findings: Sequence[Finding]) -> Iterator[tuple[int, str]]:
    """Say once what cannot be seen of several constructs."""
    constructs_of: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for finding in findings:
        constructs_of[finding.rule, finding.description].append(finding.construct)
    for (rule, description), constructs in constructs_of.items():
        yield 1, f"[yellow]not verifiable:[/] {escape(rule)} on {escape(', '.join(constructs))}"
        yield 2, escape(description)


def _waiver_lines(waived: Sequence[Finding]) -> Iterator[tuple[int, str]]:
    """Say each reason once: packs ask the same question under different names, and of several constructs."""
    by_reason: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for finding in waived:
        by_reason[finding.reason][finding.construct].append(finding.rule)
    for reason, rules_of in by_reason.items():
        constructs_with: defaultdict[str, list[str]] = defaultdict(list)
        for construct, rules in rules_of.items():
            constructs_with[", ".join(rules)].append(construct)
        for names, constructs in constructs_with.items():
            yield 1, f"waived: {escape(names)}"
            yield 2, f"on {escape(', '.join(constructs))}"
        yield 2, f"[dim]{escape(reason)}[/]"
