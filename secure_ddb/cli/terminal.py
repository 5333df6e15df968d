"""Common to the commands: the error of one that cannot run, the console, and the progress bar."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn


class CannotRunError(click.ClickException):
    """A command cannot run, or not to its end."""

    exit_code = 2


def report_console() -> Console:
    """Return the console for reports. Text of the input is printed as it is: `:secret:` is not an emoji."""
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
