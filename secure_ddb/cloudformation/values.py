"""The resolved value of a template: text, a number, a list or an object without intrinsic functions.

Values known only at deployment become text with a placeholder, so that values can still be compared: two references
to the same parameter are the same text, and an ARN whose account is unknown is still an ARN.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import marshal
import re
from typing import TYPE_CHECKING, Any, Final

from secure_ddb.cloudformation.unknown_text import may_become

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from secure_ddb.cloudformation.scope import Scope

# As of `AWS::NoValue`; also what a reference to nothing refers to.
ABSENT: Final = object()
_NOTHING: Final = object()

ACCOUNT = "${AWS.AccountId}"
REGION = "${AWS.Region}"
_UNKNOWN = "${?"
_DYNAMIC_REFERENCE = "{{resolve:"

# Written as `int | float`, they would be put together at each call.
_NUMBERS = (int, float)
_WRITTEN = (str, *_NUMBERS)
_NOT_IN_PLACEHOLDER = re.compile(r"[^A-Za-z0-9.]+")
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
_IN_SUB = re.compile(r"\$\{([^}]*)\}")


def unknown(what: object) -> str:
    """Return the placeholder of a value that is known only at deployment."""
    # Without colons and slashes, at which a text may be split.
    return f"{_UNKNOWN}{without_punctuation(str(what))}}}"


def without_punctuation(text: str) -> str:
    """Return a text as it stands in the placeholder of an unknown value."""
    return _NOT_IN_PLACEHOLDER.sub("-", text).strip("-")


def is_unknown(value: object) -> bool:
    """Return whether a value, or anything inside it, is known only at deployment."""
    if isinstance(value, str):
        return _UNKNOWN in value
    if isinstance(value, dict):
        return any(map(is_unknown, value.values()))
    return isinstance(value, list) and any(map(is_unknown, value))


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - a value of a template
    """Return a single value or a list as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def as_bool(value: object) -> bool:
    """Return a truth value, which CloudFormation also takes as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def as_number(value: object) -> float | None:
    """Return a number, which CloudFormation also takes as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, _NUMBERS):
        return value
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def at(value: Any, *names: str) -> Any:  # noqa: ANN401 - a value of a template
    """Return a nested value, or None if it is missing; one that is unknown as a whole stays unknown."""
    for name in names:
        if not isinstance(value, dict):
            return value if is_unknown(value) else None
        value = value.get(name)
    return value


def resolve(value: Any, template: Scope) -> Any:  # noqa: ANN401 - a value of a template
    """Return the resolved value."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in _FUNCTIONS:
                return _called(name, argument, template)
            if name.startswith("Fn::"):
                return _not_known(value, template)
        return members(value, template)
    if isinstance(value, list):
        items = (resolve(inner, template) for inner in value)
        return [inner for inner in items if inner is not ABSENT]
    return unknown(value) if isinstance(value, str) and _DYNAMIC_REFERENCE in value else value


def resolve_once(value: Any, template: Scope) -> Any:  # noqa: ANN401 - a value of a template
    """Return the resolved value. Equal values, such as tags, are resolved once: a tenth faster."""
    # Marshalling would take longer than resolving a reference.
    if not isinstance(value, dict | list) or len(value) == 1:
        return resolve(value, template)
    # Version 2, because later ones write equal values differently.
    key = marshal.dumps(value, 2)
    found = template.resolved.get(key, _NOTHING)
    if found is _NOTHING:
        found = template.resolved[key] = resolve(value, template)
    return found


def members(value: Mapping[str, Any], template: Scope, how: Callable[[Any, Scope], Any] = resolve) -> dict[str, Any]:
    """Return the resolved values of an object, without those that resolve to nothing."""
    found = ((key, how(inner, template)) for key, inner in value.items())
    return {key: inner for key, inner in found if inner is not ABSENT}


def _called(name: str, argument: Any, template: Scope) -> Any:  # noqa: ANN401 - a value of a template
    try:
        return _FUNCTIONS[name](argument, template)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        # CloudFormation rejects malformed or circular values; rules should not fail on them.
        return _not_known(argument, template)


def _not_known(value: object, template: Scope) -> str:
    return unknown(f"{template.key}.{value}")


def _ref(name: Any, template: Scope) -> Any:  # noqa: ANN401
    return template.reference(str(name))


def _get_attribute(argument: Any, template: Scope) -> Any:  # noqa: ANN401
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if len(parts) != 2 or not isinstance(parts[1], str):  # noqa: PLR2004 - resource and attribute
        return _not_known(argument, template)
    return template.attribute(*parts)


def _join(argument: Any, template: Scope) -> Any:  # noqa: ANN401
    separator, parts = argument
    resolved = [resolve(part, template) for part in parts] if isinstance(parts, list) else resolve(parts, template)
    if ABSENT in resolved:
        # What refers to nothing names nothing.
        return ABSENT
    if not isinstance(resolved, list):
        return _not_known(argument, template)
    return str(separator).join(_text(part, template) for part in resolved)


def _text(value: object, template: Scope) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, _WRITTEN) else _not_known(value, template)


def _sub(argument: Any, template: Scope) -> Any:  # noqa: ANN401
    text, variables = (argument, {}) if isinstance(argument, str) else argument

    def replaced(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in variables:
            value = resolve(variables[name], template)
        else:
            value = _get_attribute(name, template) if "." in name else template.reference(name)
        return "" if value is ABSENT else _text(value, template)

    return _IN_SUB.sub(replaced, text)


def _if(argument: Any, template: Scope) -> Any:  # noqa: ANN401
    condition, *branches = argument
    first, second = (resolve(branch, template) for branch in branches)
    holds = template.holds(condition)
    if holds is not None:
        return first if holds else second
    # Which branch it will be is known only at deployment.
    return first if first is second or first == second else _not_known(condition, template)


def _select(argument: Any, template: Scope) -> Any:  # noqa: ANN401
    index, values = (resolve(part, template) for part in argument)
    number = as_number(index)
    if number is None or not isinstance(values, list) or not 0 <= number < len(values):
        return _not_known(argument, template)
    return values[int(number)]


def _split(argument: Any, template: Scope) -> Any:  # noqa: ANN401
    separator, value = argument
    text = resolve(value, template)
    if not isinstance(text, str):
        return _not_known(argument, template)
    parts = text.split(separator)
    if separator == ":" and text.startswith("arn:"):
        # An unknown value in an ARN is at most one part of it.
        return parts
    # A placeholder may hold the separator, so that from there on the parts are other ones.
    known = next((at for at, part in enumerate(parts) if _may_hold(part, separator)), len(parts))
    return [part if at < known else _not_known(f"{argument}.{at}", template) for at, part in enumerate(parts)]


def _may_hold(text: str, separator: str) -> bool:
    return any(may_become(found[0], separator) for found in _PLACEHOLDER.finditer(text))


def _find_in_map(argument: Any, template: Scope) -> Any:  # noqa: ANN401
    found: Any = template.body.get("Mappings", {})
    for key in (resolve(part, template) for part in argument[:3]):
        if not isinstance(found, dict) or key not in found:
            return _not_known(argument, template)
        found = found[key]
    return found


def _import_value(argument: Any, template: Scope) -> Any:  # noqa: ANN401
    return template.imported(resolve(argument, template))


def _stack_output(argument: Any, template: Scope) -> Any:  # noqa: ANN401
    return template.output_of(resolve(argument, template))


_FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_attribute,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::If": _if,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import_value,
    "Fn::GetStackOutput": _stack_output,
}
