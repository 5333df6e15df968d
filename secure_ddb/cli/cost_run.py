"""What `secure-ddb cost` does once it knows what to estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from secure_ddb.cli.cost_report import cost_json, print_cost
from secure_ddb.cloudformation.template_text import parse_template
from secure_ddb.cost.estimate import estimate
from secure_ddb.cost.model import Assumptions
from secure_ddb.cost.prices import UnknownRegionError, load_prices
from secure_ddb.evidence.files import AssemblyError, stack_templates
from secure_ddb.judging.reading import read_templates

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.cost.model import Estimate

__all__ = ["AssemblyError", "Assumptions", "UnknownRegionError", "estimate_of", "write"]


def estimate_of(synth: Path, assumptions: Assumptions, *, region: str = "", instead: str = "") -> Estimate:
    """Estimate what a cloud assembly or a template costs.

    Args:
        synth: The cloud assembly or template.
        assumptions: What no template says.
        region: Where templates are deployed to that do not say it.
        instead: Region whose prices stand in for those of Regions without any.

    Raises:
        AssemblyError: A directory is no cloud assembly.
        TemplateError: A file is no template.
        ShapeError: What stands beside a template is of another shape than CDK writes.
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


def write(found: Estimate, format_: str) -> None:
    """Write an estimate to standard output, as `text` or `json`."""
    if format_ == "json":
        click.echo(cost_json(found))
    else:
        print_cost(found)
