"""The command `secure-ddb check-account`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from secure_ddb.account_baseline.check import State, check_account
from secure_ddb.cli.terminal import CannotRunError, report_console
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from secure_ddb.account_baseline.check import Standing

_COLORS = {State.ON: "green", State.OFF: "bold red", State.UNKNOWN: "yellow"}


@click.command("check-account")
@click.option("--region", metavar="REGION", help="The Region to check, such as eu-central-1.")
@click.option("--profile", metavar="NAME", help="The AWS credentials profile to use.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def check_account_command(context: click.Context, *, region: str | None, profile: str | None, format_: str) -> None:
    """Check that the account services that the controls rely on are enabled in a Region.

    Nothing is changed. docs/account-baseline.md has a policy with the required permissions.

    The exit status is 0 if all services are on, 1 if one is off or unknown, 2 if a call to AWS fails.
    """
    standings = _ask(region, profile)
    if format_ == "json":
        click.echo(json.dumps([asdict(each) for each in standings], indent=2))
    else:
        _print(standings)
    context.exit(0 if all(each.state is State.ON for each in standings) else 1)


def _ask(region: str | None, profile: str | None) -> list[Standing]:
    # boto3 loads slowly, and the other commands do not need it.
    from boto3 import Session  # type: ignore[import-untyped]  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # noqa: PLC0415

    from secure_ddb.cli.aws import in_one_sentence  # noqa: PLC0415

    try:
        session: Any = Session(region_name=region, profile_name=profile)
        # Credentials that are not accepted are no answer about the account.
        session.client("sts").get_caller_identity()
        return list(check_account(session, (ClientError,)))
    except (BotoCoreError, ClientError) as error:
        raise CannotRunError(f"a call to AWS failed: {in_one_sentence(error)}") from error


def _print(standings: list[Standing]) -> None:
    console = report_console()
    for each in standings:
        color = _COLORS[each.state]
        console.print(f"[{color}]{each.state}[/]  {each.name}: ", end="", soft_wrap=True)
        console.print(each.detail, markup=False, soft_wrap=True)
        if each.state is not State.ON:
            console.print(f"     {each.relies}", markup=False, soft_wrap=True)
            console.print(f"     {each.remedy}", markup=False, soft_wrap=True)
    off = sum(each.state is not State.ON for each in standings)
    console.print(f"{counted(len(standings), 'service')}, {off} off or unknown", soft_wrap=True)
