"""The output of `secure-ddb check --explain`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from string import digits
from typing import TYPE_CHECKING

import click
from rich.markup import escape

from secure_ddb.cli.check_report import COLORS
from secure_ddb.cli.terminal import report_console
from secure_ddb.judging.judge import PACK
from secure_ddb.rules.pack import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from secure_ddb.rules.rule import Rule

_KEY = re.compile(r"\[.*\]$", re.DOTALL)


def explain(name: str, console: Console | None = None, *, rules: Sequence[Rule] = RULES) -> None:
    """Print a rule's demand, its reason and its remedy.

    Args:
        name: Its id, in capitals or not, with the pack in front or not, such as `enc1`. A finding's key, as in
            `SecureDdb-MON4[GetItem]`, makes no difference.
        console: Where to print it.
        rules: The available rules.

    Raises:
        UsageError: There is no such rule.
    """
    rule = _find(name, rules)
    console = console or report_console()
    severity = rule.severity.value
    console.print(f"[bold]{rule.id}[/], [{COLORS[severity]}]{severity}[/]")
    console.print(escape(rule.title), end="\n\n")
    console.print(escape(rule.rationale), end="\n\n")
    console.print(f"[bold]Remedy:[/] {escape(rule.remedy)}")
    if rule.source:
        console.print(f"[bold]Source:[/] {escape(rule.source)}", soft_wrap=True)
    if rule.requirements:
        console.print(f"[bold]Requirements:[/] {escape(', '.join(rule.requirements))}")
    if rule.controls:
        console.print(f"[bold]Controls:[/] {escape(', '.join(rule.controls))}")


def _find(name: str, known: Sequence[Rule]) -> Rule:
    rules = {rule.id.removeprefix(f"{PACK}-").upper(): rule for rule in known}
    wanted = _KEY.sub("", name).upper().removeprefix(f"{PACK.upper()}::").removeprefix(f"{PACK.upper()}-")
    if wanted in rules:
        return rules[wanted]
    kin = [each for each in rules if each.rstrip(digits) == wanted.rstrip(digits)]
    near = kin or get_close_matches(wanted, rules)
    names = ", ".join(rules[each].id for each in near or rules)
    raise click.UsageError(f"There is no rule {name!r}. {'Similar rules are' if near else 'The rules are'}: {names}.")
