"""The command `secure-ddb report`."""

from __future__ import annotations

from pathlib import Path

import click

from secure_ddb.cli.fail_on import FAIL_ON_OPTION, lowest_severity
from secure_ddb.cli.own_rules import RULES_OPTION, rules_with
from secure_ddb.cli.terminal import CannotRunError, report_console
from secure_ddb.evidence.backups import BackupsError, read_backups
from secure_ddb.evidence.collect import collect, exit_status
from secure_ddb.evidence.files import AssemblyError
from secure_ddb.evidence.summary import print_summary
from secure_ddb.evidence.write import write_evidence
from secure_ddb.judging.judge import RuleError


@click.command("report")
@click.argument("directory", default="cdk.out", type=click.Path(path_type=Path))
@click.option("--details", is_flag=True, help="Also print every finding, waiver and setting, by stack.")
@click.option(
    "--backups",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Also show the backups of tables: the file that secure-ddb backups --format json wrote.",
)
@RULES_OPTION
@FAIL_ON_OPTION
@click.pass_context
def report_command(
    context: click.Context,
    directory: Path,
    *,
    details: bool,
    backups: Path | None,
    modules: tuple[str, ...],
    fail_on: str,
) -> None:
    """Write the evidence of a synth, and print a summary of at most one screen, with the verdict first.

    DIRECTORY is a cloud assembly, by default cdk.out. The files evidence.* are written to it. Waivers are evaluated as
    of today, so the same directory can have findings later.

    The exit status is 0 if nothing is open, 1 if findings are open or something is missing, such as the findings of
    cdk-nag, and 2 if the directory cannot be read or written.
    """
    rules = rules_with(modules)
    try:
        known = read_backups(backups) if backups else []
    except (BackupsError, OSError) as error:
        raise CannotRunError(str(error)) from error
    try:
        evidence = collect(directory, rules=rules, backups=known)
    except (AssemblyError, RuleError, OSError) as error:
        raise CannotRunError(f"the cloud assembly cannot be read: {error}") from error
    try:
        write_evidence(evidence, directory, rules)
    except OSError as error:
        raise CannotRunError(f"the evidence cannot be written: {error}") from error
    print_summary(evidence, directory, report_console(), details=details)
    context.exit(exit_status(evidence, lowest_severity(fail_on)))
