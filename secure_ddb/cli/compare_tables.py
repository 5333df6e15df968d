"""The command `secure-ddb compare-tables`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from rich.progress import TextColumn

from secure_ddb.audit_trail.verify.entry import shown
from secure_ddb.cli.extra import HINT, is_missing
from secure_ddb.cli.terminal import CannotRunError, progress
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from secure_ddb.incident.compare import Comparison

_MOST_SEGMENTS = 64


@click.command("compare-tables")
@click.argument("first")
@click.argument("second")
@click.option("--ignore", "ignored", metavar="ATTRIBUTE", multiple=True, help="An attribute that may differ.")
@click.option(
    "--segments",
    type=click.IntRange(1, _MOST_SEGMENTS),
    default=4,
    help=("Number of parallel scan segments per table."),
)
@click.option("--keys", "shows_keys", is_flag=True, help="Identify items by their keys in clear instead of by digests.")
@click.option("--region", metavar="NAME", help="The tables' Region, if not that of the environment or profile.")
@click.option("--profile", metavar="NAME", help="The AWS configuration profile whose credentials to use.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.pass_context
def compare_tables_command(
    context: click.Context,
    first: str,
    second: str,
    *,
    ignored: tuple[str, ...],
    segments: int,
    shows_keys: bool,
    region: str | None,
    profile: str | None,
    as_json: bool,
) -> None:
    """Compare the items of the tables FIRST and SECOND, such as a table and a restored copy.

    Each is a table's name or ARN. Both are read once with consistent reads, at the cost of two scans. Stop writers
    first, because writes during the comparison count as differences. Memory use does not grow with the tables; a
    temporary file does, by about 100 bytes per item. The credentials need dynamodb:DescribeTable and dynamodb:Scan on
    both tables, and kms:Decrypt on their keys.

    Items are identified by digests that are valid only for this comparison. --keys shows keys instead, but no other
    values.

    The exit status is 0 if the items are the same, 1 if they differ, 2 if they cannot be compared.
    """
    try:
        from boto3 import Session  # type: ignore[import-untyped]  # noqa: PLC0415 - loads boto3
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # noqa: PLC0415

        from secure_ddb.cli.aws import in_one_sentence  # noqa: PLC0415
        from secure_ddb.incident.compare import CannotCompareError, Options, compare  # noqa: PLC0415
    except ImportError as error:
        if not is_missing(error):
            raise
        raise CannotRunError(HINT) from error
    options = Options(ignored=frozenset(ignored), segments=segments, shows_keys=shows_keys)
    try:
        tables = Session(region_name=region, profile_name=profile).client("dynamodb")
        with progress("comparing", TextColumn("{task.completed:,} items")) as bar:
            task = bar.add_task("", total=None)
            result = compare(tables, first, second, options, lambda count: bar.advance(task, count))
    except (BotoCoreError, ClientError, CannotCompareError) as error:
        raise CannotRunError(f"the tables cannot be compared: {in_one_sentence(error)}") from error
    except KeyboardInterrupt as error:
        raise CannotRunError("interrupted, the tables are not compared") from error
    if as_json:
        click.echo(json.dumps({"tables": [first, second], **result.to_dict()}, indent=2))
    else:
        _show(first, second, result)
    context.exit(0 if result.is_equal else 1)


def _show(first: str, second: str, result: Comparison) -> None:
    click.echo(f"{first}: {counted(result.items[0], 'item')}; {second}: {counted(result.items[1], 'item')}")
    for difference in result.first:
        click.echo(f"{difference.kind.value}: {shown(difference.item, 500)}")
    more = sum(result.counts.values()) - len(result.first)
    if more:
        click.echo(f"and {counted(more, 'item')} more")
    if result.is_equal:
        click.echo(f"equal: {counted(result.equal, 'item')}")
    else:
        kinds = ", ".join(f"{count:,} {kind.value}" for kind, count in result.counts.items())
        click.echo(f"not equal: {kinds}; {result.equal:,} equal")
