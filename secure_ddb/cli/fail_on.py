"""The option `--fail-on`."""

from __future__ import annotations

import click

from secure_ddb.rules.rule import Severity

_NEVER = "never"

FAIL_ON_OPTION = click.option(
    "--fail-on",
    type=click.Choice([*(severity.value for severity in Severity), _NEVER]),
    default=Severity.LOW.value,
    show_default=True,
    help="The lowest severity of a finding that sets the exit status to 1.",
)


def lowest_severity(chosen: str) -> Severity | None:
    """Return the severity that was chosen, or None to never fail."""
    return None if chosen == _NEVER else Severity(chosen)
