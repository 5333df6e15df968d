"""An adoption, to read and for programs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule

from secure_ddb.adoption.model import Direction
from secure_ddb.cli.terminal import report_console
from secure_ddb.counted import counted
from secure_ddb.evidence.library import library_version

if TYPE_CHECKING:
    from rich.console import Console

    from secure_ddb.adoption.model import Adoption, Difference, Step

_COLORS = {
    Direction.UNKNOWN: "yellow",
    Direction.LOST: "bold red",
    Direction.CHANGED: "cyan",
    Direction.GAINED: "green",
}


def print_adoption(adoption: Adoption, console: Console | None = None) -> None:
    """Print the differences, what needs a decision first, the steps with their risks, and a summary."""
    console = console or report_console()
    console.print(Rule(f"differences: {escape(adoption.table.place)}", align="left"))
    for difference in adoption.differences:
        _print_difference(difference, console)
    console.print(Rule("steps", align="left"))
    for number, step in enumerate(adoption.steps, start=1):
        _print_step(number, step, console)
    console.print(Rule("result", align="left"))
    console.print(_summary(adoption), soft_wrap=True)
    console.print("--output stack.py --stages . writes the code and the templates named in the steps", soft_wrap=True)
    console.print(
        "To leave the table where it is declared, add TableControls: docs/declared-elsewhere.md",
        soft_wrap=True,
    )


def _print_difference(difference: Difference, console: Console) -> None:
    label = f"[{_COLORS[difference.direction]}]{difference.direction.value}[/] {difference.requirement}"
    _print_line(f"{label}  {escape(difference.what)}", 0, console)
    _print_line(f"[dim]{escape(difference.effect)}[/]", 2, console)


def _print_step(number: int, step: Step, console: Console) -> None:
    _print_line(f"{number}. [bold]{escape(step.do)}[/]", 0, console)
    for command in step.commands:
        _print_line(f"$ {escape(command)}", 3, console)
    _print_line(f"[dim]Risk: {escape(step.risk)}[/]", 3, console)


def _print_line(text: str, indent: int, console: Console) -> None:
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        # In a pipeline's log a line stays one.
        console.print(f"{' ' * indent}{text}", soft_wrap=True)


def _summary(adoption: Adoption) -> str:
    numbers = Counter(each.direction.value for each in adoption.differences)
    each = ", ".join(f"{number:,} {direction}" for direction, number in numbers.items())
    all_of_them = counted(len(adoption.differences), "difference")
    return f"{escape(adoption.table.name)}: {all_of_them} ({each}), {counted(len(adoption.steps), 'step')}"


def adoption_json(adoption: Adoption) -> str:
    """Write an adoption as `adoption/adoption.schema.json` describes it."""
    content = {"version": library_version(), **asdict(adoption), "keeps_everything": adoption.keeps_everything}
    return json.dumps(content, default=_plain, ensure_ascii=False, indent=2)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no JSON")
