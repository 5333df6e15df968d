"""Writes docs/table.svg, the README's drawing of a table: `python -m tests.evidence.table_drawing`.

It draws the table of examples/minimal.py with the templates that draw the tables of the evidence.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from aws_cdk import App, Environment

from examples.minimal import MinimalStack
from secure_ddb.cloudformation.template import Template
from secure_ddb.evidence.drawing import drawing_of
from secure_ddb.evidence.page.drawing import drawing
from secure_ddb.evidence.page.render import _environment, _source
from secure_ddb.evidence.users import Users
from secure_ddb.landscape.assembly import Assembly

DRAWING = Path(__file__).parents[2] / "docs" / "table.svg"
# Shown as an image: the page around it may be light or dark whatever the system prefers, so it has a background of its
# own, and GitHub shows it smaller than it is, so its text is larger. Every part is in the template: the legend needs no
# entry for parts that are not.
FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ drawn.width }} {{ drawn.height + 28 }}" role="img">
<title>The resources of one SecureTable</title>
<style>
{{ theme }}{{ style }}svg { background: var(--lane); font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
.lane > text { font-size: 14px; }
.part text { font-size: 15px; }
.part .detail { font-size: 13px; }
#legend .unknown, #legend .unknown + text { display: none; }
</style>
<defs>
{% include "shapes.html" %}
</defs>
{% set width = drawn.width %}
{% include "layout.html" %}
</svg>
"""


def svg() -> str:
    """Return the drawing."""
    app = App()
    MinimalStack(app, "Orders", env=Environment(account="111122223333", region="eu-central-1"))
    template = app.synth().get_stack_by_name("Orders").template
    assembly = Assembly([Template(name="Orders", body=template, account="111122223333", region="eu-central-1")])
    (table,) = assembly.tables
    parts, arrows = drawing_of(table, assembly, Users(assembly))
    # Readers have no use for the hash at the end of a logical id.
    named = [replace(part, detail=re.sub(r"[0-9A-F]{8}$", "", part.detail)) for part in parts]
    return (
        _environment()
        .from_string(FRAME)
        .render(drawn=drawing(named, arrows), theme=_source("theme.css"), style=_source("drawing.css"))
        + "\n"
    )


if __name__ == "__main__":
    DRAWING.write_text(svg(), encoding="utf-8")
