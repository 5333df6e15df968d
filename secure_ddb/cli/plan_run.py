"""What `secure-ddb plan` does once it knows what to compare."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from secure_ddb.cli.plan_report import plan_json, print_plan
from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.cloudformation.template import Template
from secure_ddb.cloudformation.template_text import parse_template
from secure_ddb.evidence.files import AssemblyError, stack_templates
from secure_ddb.judging.reading import read_templates
from secure_ddb.planning.plan import plan

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.planning.model import Plan

__all__ = ["AssemblyError", "plan_of_deployed", "plan_of_synths", "write"]


def plan_of_synths(old: Path, new: Path) -> Plan:
    """Compare two cloud assemblies or templates.

    Raises:
        AssemblyError: A directory is no cloud assembly.
        TemplateError: A file is no template.
        ShapeError: What stands beside a template is of another shape than CDK writes.
        CannotRunError: They have no stack in common.
    """
    return _compared(_read(old), _read(new), f"{old} and {new} have no stack in common")


def plan_of_deployed(stack: str, new: Path, *, region: str | None, profile: str | None) -> Plan:
    """Compare a deployed stack with a template, or with the stack of that name in a cloud assembly.

    Raises:
        CannotRunError: AWS does not give the template, or the assembly has no such stack.
    """
    deployed = Template(name=stack, body=_deployed(stack, region, profile), stack_name=stack, region=region or "")
    templates = _read(new)
    if new.is_dir():
        templates = [each for each in templates if each.stack_name == stack]
    return _compared([deployed], templates, f"{new} has no stack that is named {stack}")


def _compared(old: list[Template], new: list[Template], problem: str) -> Plan:
    found = plan(old, new)
    if not found.compared:
        # Nothing shall be called harmless that was not compared.
        raise CannotRunError(f"nothing was compared: {problem}")
    return found


def _read(path: Path) -> list[Template]:
    """Read the outermost templates of a cloud assembly, or a single one."""
    files = stack_templates(path) if path.is_dir() else [path]
    assembly = read_templates(files, read=_body)
    return [each for each in assembly.templates if each.parent is None]


def _body(file: Path) -> dict[str, Any]:
    return parse_template(file.read_bytes(), str(file)).body


def _deployed(stack: str, region: str | None, profile: str | None) -> dict[str, Any]:
    """Return the template of a deployed stack as it was given to CloudFormation, before transforms.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
    """
    # boto3 loads slowly, and only this way needs it.
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


def write(plan: Plan, format_: str) -> None:
    """Write a plan to standard output, as `text` or `json`."""
    if format_ == "json":
        click.echo(plan_json(plan))
    else:
        print_plan(plan)
