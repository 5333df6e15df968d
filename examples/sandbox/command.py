"""The command: its arguments, and the question before it starts."""

from __future__ import annotations

import click
from boto3 import Session  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError  # type: ignore[import-untyped]

from examples.sandbox.connection import Aws
from examples.sandbox.run import run
from secure_ddb.cli.aws import in_one_sentence
from secure_ddb.cli.terminal import CannotRunError, report_console


@click.command("sandbox")
@click.option("--region", metavar="NAME", help="The Region, if not the one of the environment or profile.")
@click.option("--profile", metavar="NAME", help="The profile of AWS's configuration whose credentials to use.")
@click.option("--yes", "confirmed", metavar="ACCOUNT", help="The account id, instead of typing it when asked.")
@click.option("--keep", is_flag=True, help="Delete nothing at the end.")
@click.pass_context
def main(context: click.Context, *, region: str | None, profile: str | None, confirmed: str | None, keep: bool) -> None:
    """Deploy a table into a sandbox account, try it, report, and delete everything.

    The exit status is 0 if everything is as documented, 1 if something differs or could not be deleted, 2 if
    the command cannot run.
    """
    try:
        session = Session(region_name=region, profile_name=profile)
        if not session.region_name:
            # AWS STS would answer without one.
            raise NoRegionError
        aws = Aws(session)
        account = aws.account()
    except (BotoCoreError, ClientError) as error:
        raise CannotRunError(in_one_sentence(error)) from error
    _confirm(account, aws.region, confirmed)
    report = run(aws, account, keep=keep, say=lambda text: click.echo(text, err=True))
    report.print(report_console())
    context.exit(0 if report.is_good else 1)


def _confirm(account: str, region: str, confirmed: str | None) -> None:
    if confirmed is None:
        click.echo(f"This creates and deletes resources in account {account}, {region}. It costs some cents.", err=True)
        confirmed = click.prompt("Type the account id to continue", err=True)
    if confirmed != account:
        raise CannotRunError(f"the credentials are of account {account}, not {confirmed}; nothing was done")
