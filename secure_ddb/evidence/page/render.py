"""Renders the page from evidence."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from secure_ddb.cost.money import usd
from secure_ddb.counted import counted
from secure_ddb.evidence.checks import State, checks_of
from secure_ddb.evidence.model import Flow
from secure_ddb.evidence.names import table_name
from secure_ddb.evidence.overview import Outcome, overview_of
from secure_ddb.evidence.page.controls import catalogues_of
from secure_ddb.evidence.page.drawing import BOX_HEIGHT, BOX_WIDTH
from secure_ddb.evidence.page.findings import rules_with
from secure_ddb.evidence.page.numbers import Numbers
from secure_ddb.evidence.page.resources import stacks_of
from secure_ddb.evidence.page.tables import tables_of
from secure_ddb.evidence.page.waivers import accepted_by_design, waivers_of
from secure_ddb.evidence.standing import Standing, count, standing_of, standing_of_control

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence

# More of them are shown on request, or the first screen would be nothing but tables.
_MOST_TABLES = 10
_STYLES = ("theme.css", "page.css", "drawing.css", "narrow.css", "print.css")


def page(evidence: Evidence) -> str:
    """Return the page that shows evidence to people.

    It is one HTML document that requests nothing from anywhere, and its Content Security Policy lets it do so neither.
    The same evidence always gives the same page.
    """
    numbers = Numbers(evidence)
    stacks = stacks_of(evidence, numbers)
    return (
        _environment()
        .get_template("page.html")
        .render(
            evidence=evidence,
            numbers=numbers,
            catalogues=catalogues_of(evidence, numbers),
            control_counts=count(standing_of_control(control, evidence.results) for control in evidence.controls),
            overview=overview_of(evidence),
            findings=rules_with(Standing.NOT_MET, evidence),
            unverifiable=rules_with(Standing.NOT_VERIFIABLE, evidence),
            manual=rules_with(Standing.MANUAL, evidence),
            checks=checks_of(evidence),
            tables=tables_of(evidence, stacks, numbers),
            waivers=waivers_of(evidence, numbers),
            designs=accepted_by_design(evidence, numbers),
            stacks=stacks,
            style=Markup().join(map(_source, _STYLES)),
            script=_source("page.js"),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("secure_ddb.evidence.page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals |= {
        "Standing": Standing,
        "Outcome": Outcome,
        "State": State,
        "Flow": Flow,
        "box": (BOX_WIDTH, BOX_HEIGHT),
        "most_tables": _MOST_TABLES,
    }
    environment.filters |= {
        "breakable": _breakable,
        "css": _css,
        "hashed": _hashed,
        "pluralize": counted,
        "shortened": _shortened,
        "standing": standing_of,
        "table_name": table_name,
        "usd": usd,
    }
    return environment


def _source(name: str) -> Markup:
    """Return a file of ours as it is; it holds nothing of the evidence."""
    return Markup((files(__package__) / "templates" / name).read_text("utf-8"))  # noqa: S704


def _breakable(path: str) -> Markup:
    """Let a property's path break at its dots rather than within names."""
    return Markup(".<wbr>").join(path.split("."))


def _css(status: Standing | Outcome | State) -> str:
    """Return the class of a status."""
    name: str = status.value
    return name.lower().replace(" ", "-").replace(",", "")


def _hashed(source: str) -> str:
    """Return how a Content Security Policy names a style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _shortened(text: str, most: int) -> str:
    """Leave out the middle of a text that is too long for a box; names differ at their ends."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[: most - 1 - half]}…{text[-half:]}"
