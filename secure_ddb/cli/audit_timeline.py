"""The command `secure-ddb audit timeline`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import DownloadColumn

from secure_ddb.audit_trail.timeline import Wanted, read_timeline
from secure_ddb.audit_trail.timeline.wanted import parse_key
from secure_ddb.audit_trail.verify import InputError
from secure_ddb.cli.audit_timeline_report import print_json, print_timeline
from secure_ddb.cli.audit_verify import input_size
from secure_ddb.cli.moment import MOMENT, in_utc
from secure_ddb.cli.terminal import CannotRunError, progress

if TYPE_CHECKING:
    from secure_ddb.audit_trail.timeline.wanted import Key


def _keys(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[Key, ...]:
    try:
        return tuple(map(parse_key, texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("timeline")
@click.argument(
    "paths",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, readable=True, allow_dash=True, path_type=Path),
)
@click.option("--item", "keys", metavar="KEY", multiple=True, callback=_keys, help="The item's key as JSON.")
@click.option("--digest", "digests", metavar="DIGEST", multiple=True, help="The item's digest in the audit log.")
@click.option(
    "--principal",
    "principals",
    metavar="NAME",
    multiple=True,
    help="A role or user, by ARN or name; a session, by ARN; an access key, by id.",
)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), callback=in_utc, metavar="DATE", help="One day in UTC.")
@click.option("--since", type=MOMENT, callback=in_utc, metavar="TIME", help="Only events at or after this time.")
@click.option("--until", type=MOMENT, callback=in_utc, metavar="TIME", help="Only events before this time.")
@click.option("--table", metavar="NAME", help="Only events of this table.")
@click.option("--possible", is_flag=True, help="Include queries and scans that may have returned the item.")
@click.option("--json", "as_json", is_flag=True, help="Print the timeline as JSON.")
@click.pass_context
def timeline_command(
    context: click.Context,
    paths: tuple[Path, ...],
    *,
    keys: tuple[Key, ...],
    digests: tuple[str, ...],
    principals: tuple[str, ...],
    day: datetime | None,
    since: datetime | None,
    until: datetime | None,
    table: str | None,
    possible: bool,
    as_json: bool,
) -> None:
    """Print the events of an item, a role or a day in chronological order.

    PATHs are files, folders or - for standard input: exported lines of the audit log or its archive in any form that
    `secure-ddb audit verify` accepts, log files of CloudTrail as they are in its bucket, and the output of `aws
    cloudtrail lookup-events`; in any mixture, compressed or not.

    The audit log shows what was changed, CloudTrail who sent a request. The log identifies items by digests, CloudTrail
    by keys, so pass both --item and --digest for all events of an item. --principal shows a principal's requests, who
    assumed it, and who changed it.

    A TIME is a date or a date and time in UTC, such as 2026-11-21 or 2026-11-21T20:14:39. A date means its first
    moment. The output contains item keys in clear, as in CloudTrail.

    The exit status is 0 if all of the input was read, 1 if a part of it was neither a line nor a record, so that events
    may be missing, 2 if an input cannot be read or is incomplete.
    """
    if not (keys or digests or principals or day or since or until):
        raise click.UsageError("give one of --item, --digest, --principal, --day, --since and --until")
    if day and (since or until):
        raise click.UsageError("--day cannot be combined with --since or --until")
    if since and until and since >= until:
        raise click.UsageError("--since must be before --until")
    first, end = (day, day + timedelta(days=1)) if day else (since, until)
    wanted = Wanted(
        keys=keys,
        digests=frozenset(digests),
        principals=frozenset(principals),
        table=table,
        since=_seconds(first),
        until=_seconds(end),
        with_possible=possible,
    )
    try:
        with progress("reading", DownloadColumn()) as bar:
            task = bar.add_task("", total=input_size(paths))
            timeline = read_timeline(paths, wanted, lambda count: bar.advance(task, count))
    except (InputError, OSError) as error:
        raise CannotRunError(f"no timeline, because the input cannot be read: {error}") from error
    except KeyboardInterrupt as error:
        raise CannotRunError("interrupted, no timeline") from error
    (print_json if as_json else print_timeline)(timeline)
    context.exit(1 if timeline.notes.unreadable else 0)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.astimezone(UTC).timestamp()
