"""The option `--rules`: modules with a company's own rules."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.errors import InvalidArgumentError
from secure_ddb.judging.own_rules import with_own_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.rules.rule import Rule

RULES_OPTION = click.option(
    "--rules",
    "modules",
    metavar="MODULE",
    multiple=True,
    help=(
        "A Python module with your own rules, such as acme.rules: installed, or in the working directory. It is "
        "executed."
    ),
)


def rules_with(modules: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules of this library and those of modules.

    Raises:
        CannotRunError: A module cannot be imported, or its rules cannot be accepted.
    """
    # As `python -m` does; the command itself only looks where Python packages are installed.
    if modules and "" not in sys.path:
        sys.path.insert(0, "")
    try:
        return with_own_rules([import_module(name) for name in modules])
    except InvalidArgumentError as error:
        raise CannotRunError(str(error)) from error
    except Exception as error:
        raise CannotRunError(f"--rules cannot be imported: {type(error).__name__}: {error}") from error
