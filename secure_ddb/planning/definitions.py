"""Whether two templates define the parameters and conditions of a property differently.

An unknown value becomes a placeholder with the name of its parameter or condition. Two equal placeholders are only the
same value if that name is also defined alike in both templates.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.scope import Scope

_SECTIONS = ("Parameters", "Conditions", "Mappings")
_DESCRIPTIONS = {"Description", "ConstraintDescription"}
_IN_SUB = re.compile(r"\$\{([A-Za-z0-9]+)\}")


def differently_defined(old: Resource, new: Resource, name: str) -> bool:
    """Return whether a property, or anything that it refers to, is defined differently."""
    before, after = (at(each.body, "Properties", name) for each in (old, new))
    return _expanded(before, old.template) != _expanded(after, new.template)


def condition_differs(name: object, old: Scope, new: Scope) -> bool:
    """Return whether a condition, or anything that it refers to, is defined differently."""
    return _expanded({"Condition": name}, old) != _expanded({"Condition": name}, new)


def parameters_of(value: object, template: Scope) -> list[str]:
    """Return the parameters that a value refers to, also through conditions."""
    parameters = template.body.get("Parameters") or {}
    return [name for name in _reached(value, template) if name in parameters]


def _expanded(value: object, template: Scope) -> str:
    """Write a value with all that it refers to, as far as a deployment decides on it."""
    defined = {
        f"{section}.{name}": _without_descriptions(at(template.body, section, name))
        for name in _reached(value, template)
        for section in _SECTIONS
    }
    return json.dumps([value, defined], sort_keys=True, default=str)


def _without_descriptions(definition: object) -> object:
    if isinstance(definition, dict):
        return {name: inner for name, inner in definition.items() if name not in _DESCRIPTIONS}
    return definition


def _reached(value: object, template: Scope) -> dict[str, None]:
    """Return the names that a value refers to, directly or through their definitions."""
    found: dict[str, None] = {}
    new = list(_names(value))
    while new:
        name = new.pop()
        if name not in found:
            found[name] = None
            new += _names(at(template.body, "Conditions", name))
    return found


def _names(value: Any) -> Iterator[str]:  # noqa: ANN401 - a value of a template
    match value:
        case {"Ref": str(name)} | {"Condition": str(name)}:
            yield name
        case {"Fn::If": [str(name), *_]} | {"Fn::FindInMap": [str(name), *_]}:
            yield name
    if isinstance(value, str):
        yield from _IN_SUB.findall(value)
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _names(inner)
