"""The command `python -m examples.orders.load`: loads the order service's first items from JSON (OPS-3)."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from boto3 import Session  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]
from rich.progress import MofNCompleteColumn

from examples.orders.batches import Batches
from examples.orders.items_file import ItemsFileError, read_items
from examples.orders.loading import Load, LoadError
from secure_ddb.cli.aws import in_one_sentence
from secure_ddb.cli.terminal import CannotRunError, progress
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@click.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--table", required=True, metavar="NAME", help="The table.")
@click.option("--region", metavar="NAME", help="Its Region, if not the one of the environment or profile.")
@click.option("--profile", metavar="NAME", help="The profile of AWS's configuration whose credentials to use.")
@click.pass_context
def main(context: click.Context, *, file: Path, table: str, region: str | None, profile: str | None) -> None:
    """Load the items of FILE, a JSON list, into the order service's table, and read them back.

    Nothing is written unless every item is valid, and the table has no other values for any of them. Items that it has
    already are left as they are, so the command can be repeated. The credentials need dynamodb:BatchGetItem and
    dynamodb:BatchWriteItem on the table and the use of its key.

    The exit status is 0 if the table has each item as in the file, 1 if not, 2 if nothing or not all could be written.
    """
    try:
        items = read_items(file)
        client = Session(region_name=region, profile_name=profile).client("dynamodb")
        load = Load(items, Batches(client, table))
        with _bar("reading", len(items)) as advance:
            missing = load.missing(advance)
        with _bar("writing", len(missing)) as advance:
            load.write(missing, advance)
        with _bar("verifying", len(items)) as advance:
            differences = load.differences(advance)
    except (ItemsFileError, LoadError, OSError) as error:
        raise CannotRunError(str(error)) from error
    except BotoCoreError as error:
        raise CannotRunError(in_one_sentence(error)) from error
    click.echo(f"{counted(len(load.written), 'item')} written, {len(items) - len(missing):,} there already")
    if differences:
        click.echo(f"not as in {file.name}: {differences}")
        context.exit(1)
    click.echo(f"{len(items):,} of {counted(len(items), 'item')} verified")


@contextmanager
def _bar(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar; call the result with a number to advance it."""
    with progress(doing, MofNCompleteColumn()) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.advance(task, done)


if __name__ == "__main__":
    main()
