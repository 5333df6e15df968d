"""The command: its arguments, and the question before it starts."""

from __future__ import annotations

from pathlib import Path

import click
from boto3 import Session  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError  # type: ignore[import-untyped]

from examples.game_day.game import Game
from examples.game_day.run import play
from examples.sandbox.connection import Aws
from secure_ddb.cli.aws import in_one_sentence
from secure_ddb.cli.terminal import CannotRunError


@click.command("game-day")
@click.option("--topic", "topic_arn", metavar="ARN", required=True, help="The alarm topic of the SharedResources.")
@click.option("--audit-log-group", "log_group", metavar="NAME", required=True, help="Their audit log group.")
@click.option("--minutes", default=30.0, help="How long to listen; 30 minutes unless given.")
@click.option("--record", "folder", default=".", type=click.Path(path_type=Path), help="Where to write the record.")
@click.option("--region", metavar="NAME", help="The Region, if not the one of the environment or profile.")
@click.option("--profile", metavar="NAME", help="The profile of AWS's configuration whose credentials to use.")
@click.option("--yes", "confirmed", metavar="ACCOUNT", help="The account id, instead of typing it when asked.")
@click.pass_context
def main(
    context: click.Context,
    *,
    topic_arn: str,
    log_group: str,
    minutes: float,
    folder: Path,
    region: str | None,
    profile: str | None,
    confirmed: str | None,
) -> None:
    """Trigger every detection in a sandbox account, and record which of them was reported.

    Subscribers to the topic get the messages, too: warn them in advance. The exit status is 0 if all that was
    tried was reported, 1 if something was not or could not be deleted, 2 if the command cannot run.
    """
    try:
        session = Session(region_name=region, profile_name=profile)
        if not session.region_name:
            raise NoRegionError
        aws = Aws(session)
        account = aws.account()
    except (BotoCoreError, ClientError) as error:
        raise CannotRunError(in_one_sentence(error)) from error
    if confirmed is None:
        click.echo(f"This triggers alarms, and creates and deletes resources in account {account}.", err=True)
        confirmed = click.prompt("Type the account id to continue", err=True)
    if confirmed != account:
        raise CannotRunError(f"the credentials are of account {account}, not {confirmed}; nothing was done")
    try:
        record = play(
            Game(aws, account, log_group), topic_arn, minutes=minutes, say=lambda text: click.echo(text, err=True)
        )
    except (BotoCoreError, ClientError) as error:
        raise CannotRunError(in_one_sentence(error)) from error
    for file in record.write(folder):
        click.echo(file)
    context.exit(0 if record.is_good else 1)
