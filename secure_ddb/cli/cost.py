"""The command `secure-ddb cost`."""

from __future__ import annotations

from pathlib import Path

import click

from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.cloudformation.json_schema import ShapeError
from secure_ddb.cloudformation.written_template import TemplateError

_POSITIVE = click.IntRange(min=1)


@click.command("cost")
@click.argument("synth", default="cdk.out", type=click.Path(exists=True, readable=True, path_type=Path))
@click.option("--region", metavar="REGION", default="", help="Where templates are deployed to that do not say it.")
@click.option(
    "--region-prices-of",
    "instead",
    metavar="REGION",
    default="",
    help="The Region whose prices stand in for those of Regions without any.",
)
@click.option("--item-bytes", type=_POSITIVE, default=1024, show_default=True, help="Size of an item that is written.")
@click.option(
    "--records-per-batch",
    type=_POSITIVE,
    help="Changes that Lambda hands to the audit function at once. The default is the range from 1 to what it may be.",
)
@click.option("--line-bytes", type=_POSITIVE, default=490, show_default=True, help="Size of a line of the audit log.")
@click.option(
    "--invocation-ms",
    type=_POSITIVE,
    default=50,
    show_default=True,
    help="Billed duration of an invocation of the audit function.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the estimate is written to standard output.",
)
def cost_command(
    synth: Path,
    *,
    region: str,
    instead: str,
    item_bytes: int,
    records_per_batch: int | None,
    line_bytes: int,
    invocation_ms: int,
    format_: str,
) -> None:
    """Estimate what tables cost: each month, for each GB of items, and for each million writes.

    SYNTH is a cloud assembly, by default cdk.out, or a CloudFormation template in JSON or YAML. The prices are AWS's
    list prices of a day that the estimate names. What has no known price is named, and not in any sum.

    The exit status is 0, or 2 if something cannot be read or a Region has no prices.
    """
    # Here, because it would hold up the other commands too.
    from secure_ddb.cli import cost_run  # noqa: PLC0415

    assumptions = cost_run.Assumptions(
        item_bytes=item_bytes,
        records_per_batch=records_per_batch,
        line_bytes=line_bytes,
        invocation_milliseconds=invocation_ms,
    )
    try:
        found = cost_run.estimate_of(synth, assumptions, region=region, instead=instead)
    except (TemplateError, ShapeError, OSError, cost_run.AssemblyError, cost_run.UnknownRegionError) as error:
        raise CannotRunError(f"nothing was estimated: {error}") from error
    cost_run.write(found, format_)
