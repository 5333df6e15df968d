"""The run of the command `secure-ddb audit replay`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from rich.progress import MofNCompleteColumn

from secure_ddb.audit_trail.replay import ReplayError, ReplayReport, find_objects, find_source, replay
from secure_ddb.cli.audit_replay_report import print_objects, print_report, written
from secure_ddb.cli.aws import connect, in_one_sentence
from secure_ddb.cli.terminal import CannotRunError, progress

if TYPE_CHECKING:
    from datetime import datetime

    from secure_ddb.audit_trail.replay import FailedObject, Functions, Source


class Failed(NamedTuple):
    """The failed changes of a table."""

    table: str
    functions: Functions
    source: Source
    objects: list[FailedObject]

    def show(self, *, as_json: bool) -> None:
        """Print the objects."""
        if as_json:
            listed = [{**each._asdict(), "modified": written(each)} for each in self.objects]
            self.print_json({"dry_run": True, "found": len(listed), "objects": listed})
        else:
            print_objects(self.table, self.source, self.objects)

    def print_json(self, fields: dict[str, Any]) -> None:
        """Print the given fields after those of every report."""
        click.echo(json.dumps({"table": self.table, **self.source._asdict(), **fields}, indent=2))


def list_failed(
    table: str,
    *,
    region: str | None,
    profile: str | None,
    function: str | None,
    since: datetime | None,
    until: datetime | None,
) -> Failed:
    """Return the objects to replay; the arguments are the command's.

    Raises:
        CannotRunError: AWS or the table does not let it be found.
    """
    try:
        clients = connect(region, profile)
        source = find_source(clients.tables, clients.functions, table, function)
        objects = find_objects(clients.buckets, source, since, until)
    except (ReplayError, BotoCoreError, ClientError) as error:
        raise CannotRunError(f"table {table} cannot be replayed: {in_one_sentence(error)}") from error
    return Failed(table, clients.functions, source, objects)


def replay_failed(failed: Failed, *, as_json: bool) -> bool:
    """Replay the objects, print the report, and return whether everything was logged.

    Raises:
        CannotRunError: The replay stopped before its end. The report covers what was done until then.
    """
    report = ReplayReport(found=len(failed.objects))
    stopped = ""
    with progress("replaying", MofNCompleteColumn()) as bar:
        task = bar.add_task("", total=report.found)
        try:
            for outcome in replay(failed.functions, failed.source, failed.objects):
                report.add(outcome)
                bar.advance(task)
        except (BotoCoreError, ClientError) as error:
            stopped = in_one_sentence(error)
        except KeyboardInterrupt:
            # After an interruption, the report shows the progress.
            stopped = "interrupted"
    if as_json:
        failed.print_json({"dry_run": False, **report.to_dict()})
    else:
        print_report(failed.table, failed.source, report)
    if stopped and report.tried < report.found:
        key = failed.objects[report.tried].key
        raise CannotRunError(f"stopped at {key}, after {report.tried:,} of {report.found:,} objects: {stopped}")
    return report.all_logged
