"""A plan, to read and for programs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.rule import Rule

from secure_ddb.cli.terminal import report_console
from secure_ddb.counted import counted
from secure_ddb.evidence.console import print_line
from secure_ddb.evidence.library import library_version
from secure_ddb.evidence.write_json import plain
from secure_ddb.planning.model import Effect

if TYPE_CHECKING:
    from rich.console import Console

    from secure_ddb.planning.model import Finding, Plan

_COLORS = {
    Effect.LOST: "bold red",
    Effect.REFUSED: "red",
    Effect.REPLACED: "yellow",
    Effect.LEFT_BEHIND: "cyan",
    Effect.OTHER_KEY: "cyan",
}


def print_plan(plan: Plan, console: Console | None = None) -> None:
    """Print each finding with its reason and the way around it, the worst first, and a summary."""
    console = console or report_console()
    for finding in plan.findings:
        _print_finding(finding, console)
    if plan.notes:
        console.print(Rule("notes", align="left"))
    for note in plan.notes:
        console.print(f"- {escape(note)}", soft_wrap=True)
    console.print(Rule("result", align="left"))
    console.print(_summary(plan), soft_wrap=True)


def _print_finding(finding: Finding, console: Console) -> None:
    color = _COLORS[finding.effect]
    console.print(Rule(f"[{color}]{finding.label}[/] {escape(finding.logical_id)}", align="left"))
    unsure = "" if finding.certain else " Whether this happens is known only at deployment."
    lines = (
        f"[dim]{escape(finding.resource_type)} in {escape(finding.stack)}[/]",
        f"[bold]{escape(finding.what)}[/]{unsure}",
        escape(finding.why),
        *(f"{number}. {escape(step)}" for number, step in enumerate(finding.steps, start=1)),
        f"[dim]{escape(finding.source)}[/]",
    )
    for line in lines:
        print_line(line, console, 1)


def _summary(plan: Plan) -> str:
    stacks = f"{counted(plan.compared, 'stack')} compared"
    if not plan.findings:
        return f"[bold green]nothing is replaced, refused or lost[/]; {stacks}"
    effects = Counter(finding.label for finding in plan.findings)
    each = ", ".join(f"{number:,} {label}" for label, number in effects.items())
    return f"[bold red]{counted(len(plan.findings), 'finding')}[/] ({each}); {stacks}"


def plan_json(plan: Plan) -> str:
    """Write a plan as `planning/plan.schema.json` describes it."""
    return json.dumps({"version": library_version(), **asdict(plan)}, default=plain, ensure_ascii=False, indent=2)
