"""Values inside of a template, and the template with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
Body = dict[str, Any]

# In place of a value that is taken away.
GONE: Final = object()
# What tells an item of a list from the others; a position changes too easily to name something by it.
_NAMES = ("Sid", "Key", "Name", "RuleName", "IndexName", "Region", "Field", "ParameterName", "Id", "Type")


def with_value(body: Any, path: Path, value: Any) -> Any:
    """Return a value with something else at a path; what is beside the path is shared and not copied."""
    if not path:
        return value
    name, *rest = path
    changed = with_value(body[name] if isinstance(name, int) else body.get(name, {}), tuple(rest), value)
    if isinstance(body, list):
        changes = enumerate(body)
        return [changed if at == name else each for at, each in changes if at != name or changed is not GONE]
    if changed is GONE:
        return {key: each for key, each in body.items() if key != name}
    return {**body, name: changed}


def at(body: Any, path: Path) -> Any:
    """Return the value at a path, or GONE where there is none."""
    for name in path:
        if isinstance(body, dict):
            body = body.get(name, GONE)
        elif isinstance(body, list) and isinstance(name, int) and name < len(body):
            body = body[name]
        else:
            return GONE
    return body


def described(body: Any, path: Path) -> str:
    """Write a path with the names of items instead of their positions, as far as they have any."""
    words = []
    for name in path:
        body = at(body, (name,))
        words.append(str(name) if isinstance(name, str) else _name(body) or str(name))
    return ".".join(words)


def _name(item: Any) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, dict) and "Effect" in item and "Sid" not in item:
        key = "Action" if "Action" in item else "NotAction"
        actions = item[key]
        return f"{item['Effect']} {key.removesuffix('Action')}{actions if isinstance(actions, str) else actions[0]}"
    named = (item.get(name) for name in _NAMES) if isinstance(item, dict) else ()
    return next((each for each in named if isinstance(each, str)), "")


def is_function(value: Any) -> bool:
    """Tell whether a value is a call of an intrinsic function."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def references(value: Any) -> Iterator[str]:
    """Yield the logical id of each resource that a value refers to."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)
