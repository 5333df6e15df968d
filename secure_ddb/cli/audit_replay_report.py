"""The report of a replay, to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.rule import Rule

from secure_ddb.audit_trail.replay import HIDDEN
from secure_ddb.audit_trail.verify.entry import shown
from secure_ddb.audit_trail.verify.report import moment
from secure_ddb.cli.terminal import report_console
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.audit_trail.replay import FailedObject, ReplayReport, Source

# The longest key that S3 knows, in bytes.
_LONGEST_KEY = 1024

_NOTES = (
    "A change that had already been logged now has one more line, with the same event_id.",
    "The objects stay in the bucket. Use --since to skip them next time.",
)


def written(listed: FailedObject) -> str | None:
    """Return when an object was written, as it is written in the log's timestamps."""
    return moment(listed.modified.timestamp())


def print_objects(table: str, source: Source, objects: Sequence[FailedObject]) -> None:
    """Print the objects that there are to replay."""
    _print("found", _found_lines(table, source, len(objects)))
    if objects:
        width = max(len(f"{listed.size:,}") for listed in objects)
        _print("objects", (line for listed in objects for line in _object_lines(listed, width)))


def print_report(table: str, source: Source, report: ReplayReport) -> None:
    """Print the objects, repeated failures, notes and the result."""
    _print("found", _found_lines(table, source, report.found))
    if not report.found:
        return
    if report.failed or report.errors:
        _print("failed", _failed_lines(report))
    _print("to know", (f"- {note}" for note in _NOTES))
    _print("result", [_result(report)])


def _print(title: str, lines: Iterator[str] | Sequence[str]) -> None:
    console = report_console()
    console.print(Rule(title, align="left"))
    for line in lines:
        console.print(line, soft_wrap=True)


def _found_lines(table: str, source: Source, objects: int) -> Iterator[str]:
    yield f"table [bold]{escape(table)}[/], audit function {escape(source.function)}"
    if objects:
        yield f"{counted(objects, 'object')} in {escape(source.url)}"
    else:
        yield f"nothing to replay in {escape(source.url)}"


def _object_lines(listed: FailedObject, width: int) -> Iterator[str]:
    yield f"{written(listed)}  {listed.size:>{width},} bytes  {_key(listed.key)}"
    if listed.is_hidden:
        yield f"  [red]{HIDDEN}:[/] version {escape(shown(listed.version))}"


def _failed_lines(report: ReplayReport) -> Iterator[str]:
    for key, number in report.failed:
        yield f"[red]failed again:[/] {escape(shown(number))}"
        yield f"  {_key(key)}"
    if report.failed_count > len(report.failed):
        yield f"[red]failed again:[/] {report.failed_count - len(report.failed):,} more"
    for key, error in report.errors:
        yield f"[red]error:[/] {_key(key)}"
        yield f"  {escape(shown(error))}"
    if report.error_count > len(report.errors):
        yield f"[red]error:[/] {report.error_count - len(report.errors):,} more"


def _result(report: ReplayReport) -> str:
    logged = f"{counted(report.logged, 'change')} logged"
    if report.all_logged:
        return f"[bold green]all logged:[/] {logged}"
    rest = report.found - report.tried
    return (
        f"[bold red]not all logged:[/] {logged}, {report.failed_count:,} failed again, "
        f"{counted(report.error_count, 'object')} in error"
        f"{f', {rest:,} not replayed' if rest else ''}"
    )


def _key(key: str) -> str:
    return escape(shown(key, _LONGEST_KEY))
