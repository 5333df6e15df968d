"""The command `secure-ddb check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from secure_ddb.cli.check_report import findings_json, print_evidence
from secure_ddb.cli.explain import explain
from secure_ddb.cli.fail_on import FAIL_ON_OPTION, lowest_severity
from secure_ddb.cli.own_rules import RULES_OPTION, rules_with
from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.cloudformation.json_schema import ShapeError
from secure_ddb.cloudformation.written_template import TemplateError
from secure_ddb.evidence.model import Status
from secure_ddb.evidence.of_templates import evidence_of_templates
from secure_ddb.evidence.sarif import sarif
from secure_ddb.judging.judge import RuleError
from secure_ddb.rules.rule import severities_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.evidence.model import Evidence

_STDIN = Path("-")


@click.command("check")
@click.argument(
    "templates",
    metavar="TEMPLATE...",
    nargs=-1,
    type=click.Path(exists=True, readable=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="Format of the findings on standard output.",
)
@FAIL_ON_OPTION
@click.option(
    "--fail-on-not-verifiable",
    is_flag=True,
    help=(
        "Also fail on results that cannot be verified before deployment, of at least the same severity, and on "
        "resources that were not checked."
    ),
)
@click.option("--account", metavar="ID", default="", help="The account, if the templates do not show it.")
@click.option(
    "--region",
    metavar="REGION",
    default="",
    help=("The Region, such as eu-central-1, if the templates do not show it."),
)
@RULES_OPTION
@click.option("--explain", "rule", metavar="RULE", help="Explain what a rule requires, why, and how to fix a finding.")
@click.pass_context
def check_command(
    context: click.Context,
    templates: tuple[Path, ...],
    *,
    format_: str,
    fail_on: str,
    fail_on_not_verifiable: bool,
    account: str,
    region: str,
    modules: tuple[str, ...],
    rule: str | None,
) -> None:
    """Check DynamoDB tables, and the resources that serve them, against security rules.

    TEMPLATEs are CloudFormation templates in JSON or YAML from any source, or - for standard input. They are checked
    together, so that a key or a topic can be in another template.

    The exit status is 0 without findings to fail on, 1 with such findings, 2 if a template cannot be read.
    """
    rules = rules_with(modules)
    if rule is not None:
        explain(rule, rules=rules)
        return
    if not templates:
        raise click.UsageError("Missing argument 'TEMPLATE...': one or more templates, or --explain RULE.")
    try:
        contents = {_shown(file): _content(file) for file in templates}
        evidence = evidence_of_templates(contents, account=account, region=region, rules=rules)
    except (TemplateError, ShapeError, RuleError, OSError) as error:
        raise CannotRunError(f"nothing was checked: {error}") from error
    if format_ == "json":
        click.echo(findings_json(evidence))
    elif format_ == "sarif":
        click.echo(sarif(evidence, rules), nl=False)
    else:
        print_evidence(evidence)
    severities = [severity.value for severity in severities_from(lowest_severity(fail_on))]
    context.exit(1 if _fails(evidence, severities, not_verifiable=fail_on_not_verifiable) else 0)


def _shown(file: Path) -> Path:
    return Path("standard input") if file == _STDIN else file


def _content(file: Path) -> bytes:
    return sys.stdin.buffer.read() if file == _STDIN else file.read_bytes()


def _fails(evidence: Evidence, severities: Sequence[str], *, not_verifiable: bool) -> bool:
    """Return whether anything of these severities is not met, or not verifiable if that counts too."""
    # Parts that were not judged may have findings of any severity.
    if not_verifiable and severities and evidence.problems:
        return True
    statuses = {Status.NOT_MET, Status.NOT_VERIFIABLE} if not_verifiable else {Status.NOT_MET}
    return any(result.status in statuses and result.severity in severities for result in evidence.results)
