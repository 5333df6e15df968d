"""The diagram of the data flow in Mermaid's language, which GitHub and GitLab draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.threats.model import ThreatModel

# As data-flow diagrams have them: external entities are boxes, processes are round, stores are cylinders.
SHAPES = {"external": ('["', '"]'), "process": ('(["', '"])'), "store": ('[("', '")]')}


def diagram(model: ThreatModel) -> str:
    """Return the diagram. Boundaries are dashed, and flows have the numbers of their table."""
    styles = [f"  style {each.id} fill:none,stroke:#8b949e,stroke-dasharray:6 4" for each in model.boundaries]
    return "\n".join(["```mermaid", "flowchart TB", *_inside(model, "", "  "), *_flows(model), *styles, "```"])


def _inside(model: ThreatModel, outer: str, indent: str) -> Iterator[str]:
    for element in model.elements:
        if element.boundary == outer:
            start, end = SHAPES[element.kind]
            yield f"{indent}{element.id}{start}{element.name}{end}"
    for boundary in model.boundaries:
        if boundary.inside == outer:
            yield f'{indent}subgraph {boundary.id}["{boundary.name}"]'
            yield from _inside(model, boundary.id, f"{indent}  ")
            yield f"{indent}end"


def _flows(model: ThreatModel) -> Iterator[str]:
    for number, flow in enumerate(model.flows, start=1):
        yield f'  {flow.start} -->|"{number} {flow.carries}"| {flow.end}'
