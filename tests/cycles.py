"""Cycles inside of a template, which CDK does not see and CloudFormation refuses at deployment."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from tests.template import Template, as_list, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

# `${Name}` and `${Name.Attribute}`, but not `${!Literal}`.
_IN_TEXT = re.compile(r"\$\{([^!.}][^.}]*)")


def cycle(template: Template) -> list[str]:
    """Return the logical ids of a cycle, the first one again at its end; empty if there is none."""
    graph = {name: set(_needed(resource)) & template.resources.keys() for name, resource in template.resources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def _needed(resource: dict[str, Any]) -> Iterator[str]:
    """Yield the names that a resource refers to, in whatever way."""
    yield from as_list(resource.get("DependsOn", []))
    for value in walk(resource):
        match value:
            case {"Ref": name}:
                yield name
            case {"Fn::GetAtt": [name, *_]}:
                yield name
            case {"Fn::GetAtt": str() as attribute}:
                yield attribute.partition(".")[0]
            case {"Fn::Sub": [str() as text, *_]} | {"Fn::Sub": str() as text}:
                yield from _IN_TEXT.findall(text)
