"""The command `secure-ddb plan`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from secure_ddb.cli.plan_report import plan_json, print_plan
from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.cloudformation.json_schema import ShapeError
from secure_ddb.cloudformation.template import Template
from secure_ddb.cloudformation.template_text import parse_template
from secure_ddb.cloudformation.written_template import TemplateError
from secure_ddb.evidence.files import AssemblyError, stack_templates
from secure_ddb.judging.reading import read_templates
from secure_ddb.planning.plan import plan

if TYPE_CHECKING:
    from secure_ddb.planning.model import Plan

_PATH = click.Path(exists=True, readable=True, path_type=Path)
_TWO = 2


@click.command("plan")
@click.argument("synths", metavar="[OLD] NEW", nargs=-1, required=True, type=_PATH)
@click.option("--stack", metavar="NAME", help="Compare with the template of this deployed stack instead of OLD.")
@click.option("--region", metavar="REGION", help="The stack's Region, such as eu-central-1.")
@click.option("--profile", metavar="NAME", help="The AWS credentials profile to use.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the findings on standard output.",
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
    """Show which resources a deployment would replace, reject or lose, and how to deploy in stages.

    OLD and NEW are two cloud assemblies, such as cdk.out, or two CloudFormation templates in JSON or YAML. OLD is
    deployed, NEW is about to be deployed. With --stack, the credentials need cloudformation:GetTemplate on the stack.

    The exit status is 0 if nothing is replaced, refused or lost, 1 if something is or may be, 2 if an input cannot be
    read.
    """
    if len(synths) != (1 if stack else _TWO):
        raise click.UsageError("Give OLD and NEW, or --stack NAME and NEW.")
    try:
        found = _of_deployed(stack, synths[-1], region, profile) if stack else _of_synths(*synths)
    except (TemplateError, ShapeError, OSError, AssemblyError) as error:
        raise CannotRunError(f"nothing was compared: {error}") from error
    if format_ == "json":
        click.echo(plan_json(found))
    else:
        print_plan(found)
    context.exit(1 if found.findings else 0)


def _of_synths(old: Path, new: Path) -> Plan:
    """Compare two cloud assemblies or templates."""
    return _compared(_read(old), _read(new), f"{old} and {new} have no stack in common")


def _of_deployed(stack: str, new: Path, region: str | None, profile: str | None) -> Plan:
    """Compare a deployed stack with a template, or with the stack of that name in a cloud assembly."""
    deployed = Template(name=stack, body=_deployed(stack, region, profile), stack_name=stack, region=region or "")
    templates = _read(new)
    if new.is_dir():
        templates = [each for each in templates if each.stack_name == stack]
    return _compared([deployed], templates, f"{new} has no stack named {stack}")


def _compared(old: list[Template], new: list[Template], problem: str) -> Plan:
    found = plan(old, new)
    if not found.compared:
        # Nothing shall be called harmless that was not compared.
        raise CannotRunError(f"nothing was compared: {problem}")
    return found


def _read(path: Path) -> list[Template]:
    """Read the outermost templates of a cloud assembly, or a single one."""
    files = stack_templates(path) if path.is_dir() else [path]
    assembly = read_templates(files, read=lambda file: parse_template(file.read_bytes(), str(file)).body)
    return [each for each in assembly.templates if each.parent is None]


def _deployed(stack: str, region: str | None, profile: str | None) -> dict[str, Any]:
    """Return the template of a deployed stack as it was given to CloudFormation, before transforms.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
    """
    # Only this way needs boto3, which takes half as long to load as everything else.
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # noqa: PLC0415

    from secure_ddb.cli.aws import connect_to_cloudformation, in_one_sentence  # noqa: PLC0415

    try:
        client = connect_to_cloudformation(region, profile)
        body = client.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    except (BotoCoreError, ClientError) as error:
        raise CannotRunError(f"the template of {stack} cannot be read: {in_one_sentence(error)}") from error
    # boto3 parses JSON by itself, and leaves YAML as text.
    text = body if isinstance(body, str) else json.dumps(body)
    return parse_template(text.encode(), f"the template of {stack}").body
