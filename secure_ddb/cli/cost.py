"""The command `secure-ddb cost`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from secure_ddb.cli.cost_report import cost_json, print_cost
from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.cloudformation.json_schema import ShapeError
from secure_ddb.cloudformation.template_text import parse_template
from secure_ddb.cloudformation.written_template import TemplateError
from secure_ddb.cost.estimate import estimate
from secure_ddb.cost.model import Assumptions
from secure_ddb.cost.prices import UnknownRegionError, load_prices
from secure_ddb.evidence.files import AssemblyError, stack_templates
from secure_ddb.judging.reading import read_templates

if TYPE_CHECKING:
    from secure_ddb.cost.model import Estimate

_POSITIVE = click.IntRange(min=1)


@click.command("cost")
@click.argument("synth", default="cdk.out", type=click.Path(exists=True, readable=True, path_type=Path))
@click.option("--region", metavar="REGION", default="", help="The Region, if the templates do not show it.")
@click.option(
    "--region-prices-of",
    "instead",
    metavar="REGION",
    default="",
    help="Use the prices of this Region for Regions without known prices.",
)
@click.option("--item-bytes", type=_POSITIVE, default=1024, show_default=True, help="Size of a written item.")
@click.option(
    "--records-per-batch",
    type=_POSITIVE,
    help="Changes that Lambda passes to the audit function at once. The default is the range from 1 to the maximum.",
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
    help="Format of the estimate on standard output.",
)
@click.option("--details", is_flag=True, help="Show each charge and its assumptions.")
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
    details: bool,
) -> None:
    """Estimate the cost of tables per month, per GB of items and per million writes.

    SYNTH is a cloud assembly, by default cdk.out, or a CloudFormation template in JSON or YAML. The prices are AWS's
    list prices on a date shown in the estimate. Charges without a known price are listed, but not included in the
    totals.

    The exit status is 0, or 2 if the input cannot be read or a Region has no prices.
    """
    assumptions = Assumptions(
        item_bytes=item_bytes,
        records_per_batch=records_per_batch,
        line_bytes=line_bytes,
        invocation_milliseconds=invocation_ms,
    )
    try:
        found = estimate_of(synth, assumptions, region=region, instead=instead)
    except (TemplateError, ShapeError, OSError, AssemblyError, UnknownRegionError) as error:
        raise CannotRunError(f"nothing was estimated: {error}") from error
    if format_ == "json":
        click.echo(cost_json(found))
    else:
        print_cost(found, details=details)


def estimate_of(synth: Path, assumptions: Assumptions, *, region: str = "", instead: str = "") -> Estimate:
    """Estimate the cost of a cloud assembly or a template.

    Args:
        synth: The cloud assembly or template.
        assumptions: Values that templates do not contain.
        region: Where templates are deployed to that do not say it.
        instead: Region whose prices are used for Regions without prices.

    Raises:
        AssemblyError: A directory is no cloud assembly.
        TemplateError: A file is no template.
        ShapeError: A file next to a template is of another shape than CDK writes.
        UnknownRegionError: A Region has no prices, or none are taken instead.
    """
    prices = load_prices(instead)
    if instead:
        prices.require(instead)
    files = stack_templates(synth) if synth.is_dir() else [synth]
    assembly = read_templates(files, with_paths=True, read=_body)
    for template in assembly.templates:
        template.region = template.region or region
    return estimate(assembly, prices, assumptions)


def _body(file: Path) -> dict[str, Any]:
    return parse_template(file.read_bytes(), str(file)).body
