"""Resources that a template makes in a loop.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOOP = "Fn::ForEach::"
_NOT_IN_LOGICAL_ID = re.compile(r"[^A-Za-z0-9]")


def unrolled(resources: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return resources with loops expanded; loops over values known only at deployment remain."""
    if not any(name.startswith(LOOP) for name in resources):
        return resources
    return dict(_unrolled(resources))


def _unrolled(resources: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, body in resources.items():
        match body if name.startswith(LOOP) else None:
            case [str(identifier), list(values), dict(inner)]:
                for value in values:
                    if isinstance(value, str | int):
                        yield from _unrolled(_with(inner, identifier, str(value)))
                unknown = [value for value in values if not isinstance(value, str | int)]
                if unknown:
                    yield name, [identifier, unknown, inner]
            case _:
                yield name, body


def _with(value: Any, identifier: str, chosen: str) -> Any:  # noqa: ANN401 - a value of a template
    """Put a value in the place of a loop's variable."""
    if isinstance(value, str):
        short = _NOT_IN_LOGICAL_ID.sub("", chosen)
        return value.replace(f"${{{identifier}}}", chosen).replace(f"&{{{identifier}}}", short)
    if value == {"Ref": identifier}:
        return chosen
    if isinstance(value, dict):
        return {_with(name, identifier, chosen): _with(inner, identifier, chosen) for name, inner in value.items()}
    return [_with(inner, identifier, chosen) for inner in value] if isinstance(value, list) else value
