"""The run of `secure-ddb adopt` for a known table."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from secure_ddb.adoption.adopt import adopt
from secure_ddb.adoption.existing import AdoptionError
from secure_ddb.adoption.from_template import table_in_template
from secure_ddb.adoption.from_terraform import is_terraform, table_in_terraform
from secure_ddb.cli.adopt_report import adoption_json, print_adoption
from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.cloudformation.template import Template
from secure_ddb.cloudformation.template_text import parse_template

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.adoption.existing import ExistingTable
    from secure_ddb.adoption.model import Adoption

__all__ = ["AdoptionError", "adopt", "read_account", "read_file", "write", "write_files"]


def read_file(file: Path, *, resource: str, name: str, region: str, account: str) -> ExistingTable:
    """Read a table from a template or a Terraform plan.

    Raises:
        AdoptionError: It has no such table, or only the deployment knows what every table has.
        TemplateError: The file is neither.
    """
    content = file.read_bytes()
    plan: Any = None
    with suppress(ValueError):
        plan = json.loads(content)
    if is_terraform(plan):
        try:
            return table_in_terraform(plan, str(file), address=resource, name=name, region=region, account=account)
        except (AttributeError, KeyError, TypeError) as error:
            raise AdoptionError(f"{file} is not the output of terraform show -json ({error})") from error
    template = Template(
        name=str(file), body=parse_template(content, str(file)).body, file=str(file), region=region, account=account
    )
    return table_in_template(template, logical_id=resource, name=name)


def read_account(name: str, *, region: str | None, profile: str | None) -> ExistingTable:
    """Read a table from AWS.

    Raises:
        AdoptionError: It is in a state in which it cannot be taken over.
        CannotRunError: AWS does not tell.
    """
    # boto3 loads slowly, and only this way needs it.
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # noqa: PLC0415

    from secure_ddb.adoption.from_account import table_in_account  # noqa: PLC0415
    from secure_ddb.cli.adopt_account import connect  # noqa: PLC0415
    from secure_ddb.cli.aws import in_one_sentence  # noqa: PLC0415

    try:
        return table_in_account(connect(region, profile), name)
    except (BotoCoreError, ClientError) as error:
        raise CannotRunError(f"the table {name} cannot be read: {in_one_sentence(error)}") from error


def write_files(adoption: Adoption, *, output: Path | None, stages: Path | None) -> None:
    """Write the code and the templates of the stages to the files that were asked for."""
    if output:
        output.write_text(adoption.code, encoding="utf-8")
    if stages:
        stages.mkdir(parents=True, exist_ok=True)
        for stage in adoption.stages:
            text = json.dumps(stage.template, ensure_ascii=False, indent=2) + "\n"
            (stages / stage.file).write_text(text, encoding="utf-8")


def write(adoption: Adoption, *, format_: str) -> None:
    """Write an adoption to standard output, as `text`, `json` or `code`."""
    if format_ == "json":
        click.echo(adoption_json(adoption))
    elif format_ == "code":
        click.echo(adoption.code, nl=False)
    else:
        print_adoption(adoption)
