"""The command `secure-ddb audit replay`: its arguments. The run loads boto3, so it is imported only when needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from secure_ddb.cli.extra import HINT, is_missing
from secure_ddb.cli.moment import MOMENT, in_utc
from secure_ddb.cli.terminal import CannotRunError

if TYPE_CHECKING:
    from datetime import datetime


@click.command("replay")
@click.argument("table")
@click.option("--region", metavar="NAME", help="The table's Region, if not that of the environment or profile.")
@click.option("--profile", metavar="NAME", help="The AWS configuration profile whose credentials to use.")
@click.option("--function", metavar="NAME", help="The audit function's name or ARN, if there are several candidates.")
@click.option(
    "--since", type=MOMENT, callback=in_utc, metavar="TIME", help=("Only objects written at or after this time.")
)
@click.option("--until", type=MOMENT, callback=in_utc, metavar="TIME", help="Only objects written before this time.")
@click.option("--dry-run", is_flag=True, help="Only list the objects, without invoking the function.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def replay_command(
    context: click.Context,
    table: str,
    *,
    region: str | None,
    profile: str | None,
    function: str | None,
    since: datetime | None,
    until: datetime | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Log the changes of TABLE that could not be logged before.

    They are kept as objects in the failure bucket of the table's audit trail. For each object, this command invokes the
    table's audit function, which reads the object and writes the lines; items are not sent anywhere else. The
    credentials need dynamodb:DescribeTable, lambda:ListEventSourceMappings, s3:ListBucketVersions and
    lambda:InvokeFunction.

    An object hidden by a delete marker is an error, and is listed with its version: remove the marker, then replay.

    Replaying twice is harmless: a change then has several lines with the same event_id. The objects stay, because they
    are locked; --since skips those that were replayed before.

    A TIME is a date or a date and time in UTC, such as 2026-11-21 or 2026-11-21T20:14:39. A date means its first
    moment.

    The exit status is 0 if everything was logged or there is nothing to replay, 1 if something failed again, 2 if the
    replay cannot run or complete.
    """
    if since and until and since >= until:
        raise click.UsageError("--since must be before --until")
    try:
        from secure_ddb.cli.audit_replay_run import list_failed, replay_failed  # noqa: PLC0415 - see above
    except ImportError as error:
        if not is_missing(error):
            raise
        raise CannotRunError(HINT) from error
    failed = list_failed(table, region=region, profile=profile, function=function, since=since, until=until)
    if dry_run:
        failed.show(as_json=as_json)
        return
    context.exit(0 if replay_failed(failed, as_json=as_json) else 1)
