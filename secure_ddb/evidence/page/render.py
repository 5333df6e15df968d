"""Renders the page from evidence."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from secure_ddb.evidence.model import Flow, Status
from secure_ddb.evidence.page.controls import catalogues_of
from secure_ddb.evidence.page.drawing import BOX_HEIGHT, BOX_WIDTH
from secure_ddb.evidence.page.findings import findings_of
from secure_ddb.evidence.page.numbers import Numbers, counted
from secure_ddb.evidence.page.resources import stacks_of
from secure_ddb.evidence.page.tables import tables_of
from secure_ddb.evidence.page.waivers import waivers_of

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence


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
            control_counts=counted(control.status for control in evidence.controls),
            result_counts=counted(result.status for result in evidence.results),
            findings=findings_of(evidence),
            tables=tables_of(evidence, stacks, numbers),
            waivers=waivers_of(evidence, numbers),
            stacks=stacks,
            style=Markup().join(map(_source, ("theme.css", "page.css", "drawing.css"))),
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
    environment.globals |= {"Status": Status, "Flow": Flow, "box": (BOX_WIDTH, BOX_HEIGHT)}
    environment.filters |= {"breakable": _breakable, "css": _css, "hashed": _hashed, "shortened": _shortened}
    return environment


def _source(name: str) -> Markup:
    """Return a file of ours as it is; it holds nothing of the evidence."""
    return Markup((files(__package__) / "templates" / name).read_text("utf-8"))  # noqa: S704


def _breakable(path: str) -> Markup:
    """Let a property's path break at its dots rather than within names."""
    return Markup(".<wbr>").join(path.split("."))


def _css(status: Status) -> str:
    """Return the class of a status."""
    return status.value.replace(" ", "-")


def _hashed(source: str) -> str:
    """Return how a Content Security Policy names a style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _shortened(text: str, most: int) -> str:
    """Leave out the middle of a text that is too long for a box; names differ at their ends."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[: most - 1 - half]}…{text[-half:]}"
