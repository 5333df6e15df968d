"""The command `secure-ddb plan`."""

from __future__ import annotations

from pathlib import Path

import click

from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.cloudformation.json_schema import ShapeError
from secure_ddb.cloudformation.written_template import TemplateError

_PATH = click.Path(exists=True, readable=True, path_type=Path)
_TWO = 2


@click.command("plan")
@click.argument("synths", metavar="[OLD] NEW", nargs=-1, required=True, type=_PATH)
@click.option("--stack", metavar="NAME", help="Compare with the template of this deployed stack, in place of OLD.")
@click.option("--region", metavar="REGION", help="Where the stack is, such as eu-central-1.")
@click.option("--profile", metavar="NAME", help="The profile of AWS credentials to use.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How findings are written to standard output.",
)
@click.pass_context
def plan_command(
    context: click.Context,
    synths: tuple[Path, ...],
    *,
    stack: str | None,
    region: str | None,
    profile: str | None,
    format_: str,
) -> None:
    """Tell what a deployment would replace, refuse or lose, and how to do it in stages.

    OLD and NEW are two cloud assemblies, such as cdk.out, or two CloudFormation templates in JSON or YAML. OLD is
    deployed, NEW is about to be. With --stack, the credentials need cloudformation:GetTemplate on the stack.

    The exit status is 0 if nothing is replaced, refused or lost, 1 if something is or may be, 2 if something cannot be
    read.
    """
    if len(synths) != (1 if stack else _TWO):
        raise click.UsageError("Give OLD and NEW, or --stack NAME and NEW.")
    # Here, because it would hold up the other commands too.
    from secure_ddb.cli import plan_run  # noqa: PLC0415

    try:
        if stack:
            plan = plan_run.plan_of_deployed(stack, synths[-1], region=region, profile=profile)
        else:
            plan = plan_run.plan_of_synths(*synths)
    except (TemplateError, ShapeError, OSError, plan_run.AssemblyError) as error:
        raise CannotRunError(f"nothing was compared: {error}") from error
    plan_run.write(plan, format_)
    context.exit(1 if plan.findings else 0)
