"""What the commands have in common: how they say that they cannot run, print and show progress."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn


class CannotRunError(click.ClickException):
    """Nothing can be said, or not all of what was asked for could be done."""

    exit_code = 2


def report_console() -> Console:
    """Return what reports are printed on. Text of the input is printed as it is: `:secret:` is not an emoji."""
    return Console(highlight=False, emoji=False)


def progress(doing: str, how_much: ProgressColumn) -> Progress:
    """Return a bar on standard error, which shows only in a terminal."""
    return Progress(
        TextColumn(doing),
        BarColumn(),
        how_much,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
