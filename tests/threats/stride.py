"""Which kinds of threats are asked of which elements: STRIDE per element.

Source: https://learn.microsoft.com/en-us/archive/msdn-magazine/2006/november/uncover-security-design-flaws-using-the-stride-approach
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.threats.model import ThreatModel

KINDS = {
    "S": "Spoofing",
    "T": "Tampering",
    "R": "Repudiation",
    "I": "Information disclosure",
    "D": "Denial of service",
    "E": "Elevation of privilege",
}
FLOW = "flow"
# Repudiation matters to stores that hold records. It is asked of each store, and one without records says so.
ASKED = {"external": "SR", "process": "STRIDE", "store": "TRID", FLOW: "TID"}


def kinds_of(model: ThreatModel) -> dict[str, str]:
    """Return the kind of each element, and `flow` for each flow."""
    return {each.id: each.kind for each in model.elements} | {each.id: FLOW for each in model.flows}


def problems(model: ThreatModel) -> list[str]:
    """Return what a model leaves out, names without a meaning, or says twice."""
    return [*_of_names(model), *_of_ends(model), *_of_kinds(model)]


def _of_names(model: ThreatModel) -> Iterator[str]:
    """Yield names that stand twice, and boundaries that are none."""
    boundaries = [each.id for each in model.boundaries]
    counted = Counter([*boundaries, *(each.id for each in model.elements), *(each.id for each in model.flows)])
    yield from (f"{name} stands twice" for name, number in counted.items() if number > 1)
    for number, boundary in enumerate(model.boundaries):
        if boundary.inside and boundary.inside not in boundaries[:number]:
            yield f"boundary {boundary.id} is inside of {boundary.inside}; allowed: a boundary before it"
    for element in model.elements:
        if element.boundary not in boundaries:
            yield f"element {element.id} is in {element.boundary}; allowed: {', '.join(boundaries)}"


def _of_ends(model: ThreatModel) -> Iterator[str]:
    """Yield ends of flows that are none, elements without a flow, and threats on nothing."""
    elements = [each.id for each in model.elements]
    ends = {end for flow in model.flows for end in (flow.start, flow.end)}
    yield from (f"element {name} has no flow" for name in elements if name not in ends)
    for flow in model.flows:
        for end in (flow.start, flow.end):
            if end not in elements:
                yield f"flow {flow.id} names {end}; allowed: {', '.join(elements)}"
    known = kinds_of(model)
    on = {name for threat in model.threats for name in threat.on} | {
        name for absent in model.not_applicable for name in absent.on
    }
    yield from (f"{name} is no element or flow, but a threat is on it" for name in sorted(on - known.keys()))


def _of_kinds(model: ThreatModel) -> Iterator[str]:
    """Yield kinds of threats that are asked and have no answer, and the other way round."""
    threats = {(name, each.kind) for each in model.threats for name in each.on}
    absent = Counter((name, kind) for each in model.not_applicable for name in each.on for kind in each.kinds)
    for name, of in kinds_of(model).items():
        for kind, title in KINDS.items():
            place, has_threat, reasons = f"{title} on the {of} {name}", (name, kind) in threats, absent[name, kind]
            if kind not in ASKED[of]:
                if has_threat or reasons:
                    yield f"{place}; allowed: {', '.join(KINDS[each] for each in ASKED[of])}"
            elif not has_threat and not reasons:
                yield f"{place} is missing; allowed: a threat, or not_applicable with a reason"
            elif reasons + has_threat > 1:
                yield f"{place} is not applicable, and stands elsewhere as well"
