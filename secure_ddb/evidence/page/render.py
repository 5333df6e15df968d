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
from secure_ddb.evidence.page.numbers import Numbers
from secure_ddb.evidence.page.resources import stacks_of, tables_of
from secure_ddb.evidence.page.results import Results
from secure_ddb.evidence.standing import Standing, count, standing_of, standing_of_control
from secure_ddb.evidence.waivers import waivers_of

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence

# More of them are shown on request, or the first screen would be nothing but tables.
_MOST_TABLES = 10
# A control of 200 tables has thousands of results. Each is among the resources; the worst are here too.
_MOST_RESULTS = 20
_STYLES = ("theme.css", "page.css", "drawing.css", "narrow.css", "print.css")


def page(evidence: Evidence) -> str:
    """Return the page that shows evidence to people.

    It is one HTML document that requests nothing from anywhere, and its Content Security Policy lets it do so neither.
    The same evidence always gives the same page.
    """
    results = Results(enumerate(evidence.results)).by(standing_of)
    designs = results.get(Standing.BY_DESIGN, Results()).by(
        lambda result: result.waived_by.reason if result.waived_by else result.title
    )
    stacks = stacks_of(evidence)
    return (
        _environment()
        .get_template("page.html")
        .render(
            evidence=evidence,
            numbers=Numbers(evidence),
            catalogues=catalogues_of(evidence),
            control_counts=count(standing_of_control(control, evidence.results) for control in evidence.controls),
            overview=overview_of(evidence),
            findings=results.get(Standing.NOT_MET, Results()).by_rule,
            unverifiable=results.get(Standing.NOT_VERIFIABLE, Results()).by_rule,
            manual=results.get(Standing.MANUAL, Results()).by_rule,
            checks=checks_of(evidence),
            tables=tables_of(evidence, stacks),
            waivers=[(waiver, its.guarantees, Results(its.results)) for waiver, its in waivers_of(evidence).items()],
            designs=sorted(designs.items(), key=lambda design: -len(design[1])),
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
        "most_results": _MOST_RESULTS,
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
