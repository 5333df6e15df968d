"""The command `secure-ddb adopt`."""

from __future__ import annotations

from pathlib import Path

import click

from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.cloudformation.written_template import TemplateError


@click.command("adopt")
@click.argument("file", required=False, type=click.Path(exists=True, readable=True, dir_okay=False, path_type=Path))
@click.option(
    "--resource", metavar="ID", default="", help="Logical id or Terraform address of the table, if FILE has several."
)
@click.option("--table", metavar="NAME", default="", help="Read this table from AWS instead of FILE.")
@click.option("--name", metavar="NAME", default="", help="The table's name, if FILE does not contain it.")
@click.option("--region", metavar="REGION", default="", help="The table's Region, such as eu-central-1.")
@click.option("--account", metavar="ID", default="", help="The table's account, if FILE does not contain it.")
@click.option("--profile", metavar="NAME", help="The AWS credentials profile to use.")
@click.option(
    "--stack",
    metavar="NAME",
    default="",
    help=("Name of the new stack. By default it is derived from the table's name."),
)
@click.option("--new-key", is_flag=True, help="Create a key for the table even if it has a customer managed key.")
@click.option("--code", "only_code", is_flag=True, help="Print only the Python code.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the Python code to this file.")
@click.option(
    "--stages",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the intermediate templates to this directory.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of differences and steps on standard output.",
)
@click.pass_context
def adopt_command(
    context: click.Context,
    file: Path | None,
    *,
    resource: str,
    table: str,
    name: str,
    region: str,
    account: str,
    profile: str | None,
    stack: str,
    new_key: bool,
    only_code: bool,
    output: Path | None,
    stages: Path | None,
    format_: str,
) -> None:
    """Plan how an existing table becomes a SecureTable that keeps its name, keys, indexes, settings and items.

    FILE is a CloudFormation template in JSON or YAML, or the output of terraform show -json for a plan. With --table,
    the credentials need dynamodb:Describe*, dynamodb:ListTagsOfResource, dynamodb:GetResourcePolicy, kms:DescribeKey
    and application-autoscaling:Describe*. Nothing is changed.

    The exit status is 0 if the table keeps everything, 1 if something is lost, changes or is unknown, 2 if the table
    cannot be read.
    """
    if (file is None) == (not table):
        raise click.UsageError("Give FILE or --table NAME.")
    if only_code and format_ == "json":
        raise click.UsageError("Give --code or --format json.")
    # Here, because it would hold up the other commands too.
    from secure_ddb.cli import adopt_run  # noqa: PLC0415

    try:
        if file is None:
            found = adopt_run.read_account(table, region=region or None, profile=profile)
        else:
            found = adopt_run.read_file(file, resource=resource, name=name, region=region, account=account)
        adoption = adopt_run.adopt(found, stack=stack, new_key=new_key)
        adopt_run.write_files(adoption, output=output, stages=stages)
    except (TemplateError, OSError, adopt_run.AdoptionError) as error:
        raise CannotRunError(str(error)) from error
    adopt_run.write(adoption, format_="code" if only_code else format_)
    context.exit(0 if adoption.keeps_everything else 1)
