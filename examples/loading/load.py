"""The command `python -m examples.loading.load`: loads a table from files or from Amazon S3 (OPS-3)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from boto3 import Session  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from rich.progress import MofNCompleteColumn

from examples.loading.formats import SourceError
from examples.loading.loading import Loading
from examples.loading.sources import find_files
from examples.loading.table_keys import TableKeys
from examples.unprocessed import UnprocessedError
from secure_ddb.cli.aws import in_one_sentence
from secure_ddb.cli.terminal import CannotRunError, progress
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_FAILURES = (SourceError, UnprocessedError, BotoCoreError, ClientError, OSError)


@click.command("load")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--table", required=True, metavar="NAME", help="The table.")
@click.option("--region", metavar="NAME", help="Its Region, if not the one of the environment or profile.")
@click.option("--profile", metavar="NAME", help="The profile of AWS's configuration whose credentials to use.")
@click.pass_context
def main(
    context: click.Context, *, sources: tuple[str, ...], table: str, region: str | None, profile: str | None
) -> None:
    """Load the items of each SOURCE into a table, and read them back.

    A SOURCE is a file, or s3://BUCKET/KEY: an object, all objects whose keys begin so, or an export of a table to
    Amazon S3 in DynamoDB's JSON. Files end in .json, .jsonl or .csv, each of them with or without .gz.

    Nothing is written unless every item is valid, and the table has no other values for any of them. Each item that is
    refused is printed with its file, line and field, and without its values. Items that the table has already are left
    as they are, so the command can be repeated.

    The exit status is 0 if the table has each item as in the sources, 1 if not, 2 if nothing or not all could be
    written.
    """
    try:
        loading = _prepare(sources, table, Session(region_name=region, profile_name=profile))
    except _FAILURES as error:
        raise CannotRunError(_said(error)) from error
    _write(loading)
    click.echo(f"{counted(loading.written, 'item')} written, {len(loading.there):,} there already")
    try:
        with _bar("verifying", loading.count) as advance:
            differing = _printed(loading.differences(advance))
    except _FAILURES as error:
        raise CannotRunError(f"not verified: {_said(error)}") from error
    click.echo(f"{loading.count - differing:,} of {counted(loading.count, 'item')} verified")
    context.exit(1 if differing else 0)


def _prepare(sources: tuple[str, ...], table: str, session: Any) -> Loading:
    """Check all that can be checked before anything is written."""
    client, s3 = session.client("dynamodb"), session.client("s3")
    files = [file for source in sources for file in find_files(source, s3)]
    loading = Loading(files, client, table, TableKeys.of(client, table))
    refused = _printed(loading.refused())
    if not refused:
        with _bar("reading", loading.count) as advance:
            refused = _printed(loading.conflicts(advance))
    if refused:
        raise CannotRunError(f"{refused:,} of {counted(loading.count, 'item')} refused; nothing was written")
    return loading


def _write(loading: Loading) -> None:
    missing = loading.count - len(loading.there)
    try:
        with _bar("writing", missing) as advance:
            loading.write(advance)
    except (*_FAILURES, KeyboardInterrupt) as error:
        # Of the request that failed, DynamoDB may have written some.
        raise CannotRunError(
            f"{loading.written:,} of {counted(missing, 'item')} written, or some more ({_said(error)}). "
            "Run the command again to write the rest"
        ) from error


def _printed(refused: Iterable[object]) -> int:
    count = 0
    for count, each in enumerate(refused, start=1):  # noqa: B007 - the last is their number
        click.echo(str(each))
    return count


def _said(error: BaseException) -> str:
    if isinstance(error, BotoCoreError | ClientError):
        return in_one_sentence(error)
    return str(error) or "interrupted"


@contextmanager
def _bar(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar; call the result with a number to advance it."""
    with progress(doing, MofNCompleteColumn()) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.advance(task, done)


if __name__ == "__main__":
    main()
