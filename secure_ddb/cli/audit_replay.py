"""The command `secure-ddb audit replay`: its arguments. What it does loads boto3, and so loads only when it runs."""

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
@click.option("--region", metavar="NAME", help="The table's Region, if not the one of the environment or profile.")
@click.option("--profile", metavar="NAME", help="The profile of AWS's configuration whose credentials to use.")
@click.option("--function", metavar="NAME", help="The audit function's name or ARN, if several could be it.")
@click.option("--since", type=MOMENT, callback=in_utc, metavar="TIME", help="Only objects written then or later.")
@click.option("--until", type=MOMENT, callback=in_utc, metavar="TIME", help="Only objects written before.")
@click.option("--dry-run", is_flag=True, help="Only list the objects; invoke nothing.")
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

    They are kept as objects in the failure bucket of the table's audit trail. For each object, this invokes the table's
    audit function, which reads it and writes the lines. Nobody else sees an item. The credentials need
    dynamodb:DescribeTable, lambda:ListEventSourceMappings, s3:ListBucketVersions and lambda:InvokeFunction.

    An object that a delete marker hides is an error, and is named with its version: remove the marker, then replay.

    Replaying twice is harmless: a change then has several lines with the same event_id. The objects stay, because they
    are locked; --since leaves out those that were replayed before.

    A TIME is a date or a date and time in UTC, such as 2026-11-21 or 2026-11-21T20:14:39. A date is its first moment.

    The exit status is 0 if everything was logged or there is nothing to replay, 1 if something failed again, 2 if the
    replay cannot run, or not to its end.
    """
    if since and until and since >= until:
        raise click.UsageError("--since has to be before --until")
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
