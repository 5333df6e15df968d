"""A template without one of its resources, and without everything that referred to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.rule_mutants.places import GONE, is_function, references
from benchmarks.rule_mutants.schemas import required

if TYPE_CHECKING:
    from collections.abc import Collection

    from benchmarks.rule_mutants.places import Body, Path


def without(body: Body, logical_id: str) -> Body:
    """Return a template without a resource, and without other resources that cannot be without it."""
    gone = {logical_id}
    while True:
        kept = {name: _without(each, gone) for name, each in body["Resources"].items() if name not in gone}
        more = {name for name, each in kept.items() if each is GONE}
        if not more:
            break
        gone |= more
    outputs = {name: each for name, each in body.get("Outputs", {}).items() if not gone.intersection(references(each))}
    return {**body, "Resources": kept, "Outputs": outputs}


def _without(resource: Body, gone: Collection[str]) -> Any:
    needs = resource.get("DependsOn", [])
    left = [name for name in ([needs] if isinstance(needs, str) else needs) if name not in gone]
    properties = _pruned(resource.get("Properties", {}), resource["Type"], (), gone)
    if properties is GONE:
        return GONE
    rest = {name: each for name, each in resource.items() if name != "DependsOn"}
    return {**rest, "Properties": properties, **({"DependsOn": left} if left else {})}


def _pruned(value: Any, kind: str, path: Path, gone: Collection[str]) -> Any:
    """Return a value without what refers to something that is gone; GONE if nothing that makes sense is left."""
    if not any(name in gone for name in references(value)):
        return value
    if is_function(value):
        return GONE
    if isinstance(value, list):
        items = [each for each in (_pruned(item, kind, path, gone) for item in value) if each is not GONE]
        return items or GONE
    pruned = {name: _pruned(each, kind, (*path, name), gone) for name, each in value.items()}
    lost = {name for name, each in pruned.items() if each is GONE}
    # Half a statement says something else than the whole one.
    if lost & required(kind, path) or (lost and "Effect" in value) or len(lost) == len(value):
        return GONE
    return {name: each for name, each in pruned.items() if each is not GONE}
