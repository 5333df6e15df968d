"""Weaker templates, made from one template at every place where it can be weakened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.rule_mutants.kinds import Change, Kind
from benchmarks.rule_mutants.places import GONE, at, described, is_function, with_value
from benchmarks.rule_mutants.policies import is_policy, weaker_policies
from benchmarks.rule_mutants.removal import without
from benchmarks.rule_mutants.schemas import required
from benchmarks.rule_mutants.theirs import with_theirs
from benchmarks.rule_mutants.weaker import WEAKER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.rule_mutants.places import Body, Path

_HASH = re.compile(r"[0-9A-F]{8}$")
_TAGS = ("Tags", "BackupPlanTags", "BackupVaultTags")
_RETAINED = ("DeletionPolicy", "UpdateReplacePolicy")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A weaker template.

    Attributes:
        name: What was weakened: construct, type, place and kind.
        kind: The kind of weakening.
        body: The template.
    """

    name: str
    kind: Kind
    body: Body


def mutants(body: Body) -> Iterator[Mutant]:
    """Yield each weaker template; no two of them are the same."""
    for logical_id, resource in body["Resources"].items():
        kind = resource["Type"]
        of = f"{_HASH.sub('', logical_id)} {kind}"
        seen = [resource]
        for change in _changes(resource, body):
            changed = with_value(resource, change.path, change.value)
            if changed in seen:
                continue
            seen.append(changed)
            about = f" {change.about}" if change.about else ""
            place = described(resource, change.path).removeprefix("Properties.")
            yield Mutant(
                name=f"{of} {place}{about}: {change.kind.title}",
                kind=change.kind,
                body=with_value(body, ("Resources", logical_id), changed),
            )
        yield Mutant(
            name=f"{of}: {Kind.RESOURCE_REMOVED.title}", kind=Kind.RESOURCE_REMOVED, body=without(body, logical_id)
        )


def _changes(resource: Body, body: Body) -> Iterator[Change]:
    for attribute in _RETAINED:
        if attribute in resource:
            yield Change((attribute,), Kind.NOT_RETAINED, "Delete")
            yield Change((attribute,), Kind.NOT_RETAINED, GONE, about="removed")
    for change in _weaker_properties(resource["Type"], resource.get("Properties", {}), (), body):
        yield change.inside("Properties")
    for weaker in WEAKER:
        if weaker.kind == resource["Type"]:
            for path in _found(resource.get("Properties", {}), tuple(weaker.path.split("."))):
                before = at(resource["Properties"], path)
                if before is GONE and not weaker.added:
                    continue
                value = weaker.value(before) if callable(weaker.value) else weaker.value
                about = f"({weaker.why})" if isinstance(value, list | dict) else str(value)
                yield Change(("Properties", *path), Kind.WEAKER_VALUE, value, about=about)


def _weaker_properties(kind: str, properties: Body, path: Path, body: Body) -> Iterator[Change]:
    """Yield what can be weakened inside of an object."""
    needed = required(kind, tuple(name for name in path if isinstance(name, str)))
    for name, value in properties.items():
        here = (*path, name)
        if name in _TAGS:
            yield Change(here, Kind.TAGS_REMOVED, GONE)
            for tag in value if isinstance(value, dict) else range(len(value)):
                yield Change((*here, tag), Kind.TAG_REMOVED, GONE)
            continue
        if name not in needed:
            yield Change(here, Kind.PROPERTY_REMOVED, GONE)
        if is_policy(value):
            for change in weaker_policies(value):
                yield change.inside(*here)
        else:
            yield from _weaker_values(kind, value, here, body)


def _weaker_values(kind: str, value: Any, path: Path, body: Body) -> Iterator[Change]:
    if isinstance(value, bool):
        yield Change(path, Kind.FLIPPED, not value)
    elif is_function(value) or isinstance(value, str):
        theirs = with_theirs(value, body)
        if theirs != value:
            yield Change(path, Kind.SOMEBODY_ELSES, theirs)
    elif isinstance(value, dict):
        yield from _weaker_properties(kind, value, path, body)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            here = (*path, position)
            if len(value) > 1:
                yield Change(here, Kind.ITEM_REMOVED, GONE)
            yield from _weaker_values(kind, item, here, body)


def _found(properties: Any, path: tuple[str, ...]) -> Iterator[Path]:
    """Yield each place that a path with `*` stands for; the last name need not be there."""
    name, *rest = path
    if name == "*":
        for position, item in enumerate(properties):
            for inner in _found(item, tuple(rest)):
                yield (position, *inner)
    elif not rest:
        yield (name,)
    elif isinstance(properties.get(name), dict | list):
        for inner in _found(properties[name], tuple(rest)):
            yield (name, *inner)
