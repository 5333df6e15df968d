"""Whether a property's value differs between two templates, as far as that is known before the deployment."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.unknown_text import Kind, kind_of
from secure_ddb.cloudformation.values import as_list, is_unknown
from secure_ddb.planning.definitions import differently_defined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.three_valued import Truth

_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
# Names that CloudFormation makes.
_MADE = {Kind.MADE_NAME, Kind.MADE_ARN}
_EACH = "*"
_LONGEST = 60


class Change(NamedTuple):
    """A property that differs.

    Attributes:
        path: The property, such as `VpcConfiguration/VpcId`.
        certain: Whether it certainly differs; otherwise only the deployment knows.
        difference: How it differs, in a sentence without its end.
    """

    path: str
    certain: bool
    difference: str


def changes(old: Resource, new: Resource, paths: Iterable[str]) -> list[Change]:
    """Return which of some properties differ, or may differ."""
    found = []
    for path in paths:
        before, after = (value_at(each.properties, path.split("/")) for each in (old, new))
        differs = values_differ(before, after)
        if differs is False and is_unknown(after) and differently_defined(old, new, path.split("/")[0]):
            # The same placeholder may stand for another parameter or condition of the same name.
            differs = None
        if differs is not False:
            found.append(Change(path, bool(differs), _difference(path, before, after, certain=bool(differs))))
    return found


def value_at(value: Any, names: Sequence[str]) -> Any:  # noqa: ANN401 - a value of a template
    """Return the value at a path; one that is unknown as a whole stays so."""
    if not names:
        return value
    first, rest = names[0], names[1:]
    if first == _EACH:
        return [value_at(each, rest) for each in as_list(value)]
    if isinstance(value, dict):
        return value_at(value.get(first), rest)
    return value if isinstance(value, str) and is_unknown(value) else None


def values_differ(before: object, after: object) -> Truth:
    """Return whether two resolved values differ; None if only the deployment knows."""
    one, other = _comparable(before), _comparable(after)
    if one == other:
        return False
    if None in (one, other):
        # A condition may take the value away.
        return None if is_unknown(before) or is_unknown(after) else True
    # Each time that a placeholder stands in a template it is the same value.
    only_here, only_there = _placeholders(one) - _placeholders(other), _placeholders(other) - _placeholders(one)
    made = {kind_of(each) for each in only_here | only_there} <= _MADE
    # Two resources have two names; a written name may be the one that CloudFormation made.
    return True if made and bool(only_here) == bool(only_there) else None


def _placeholders(value: object) -> set[str]:
    return set(_PLACEHOLDER.findall(json.dumps(value, ensure_ascii=False)))


def _comparable(value: object) -> object:
    """Return a value in which numbers and truth values are text, as CloudFormation takes both."""
    if isinstance(value, dict):
        return {name: _comparable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_comparable(inner) for inner in value]
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _difference(path: str, before: object, after: object, *, certain: bool) -> str:
    name = path.replace("/", ".")
    if not certain:
        return f"{name} may change, which only the deployment knows"
    if before is None:
        return f"{name} is added{_shown(': ', after)}"
    if after is None:
        return f"{name} is taken out{_shown('; it is ', before)}"
    old, new = _shown(" from ", before), _shown(" to ", after)
    return f"{name} changes{old}{new}" if old and new else f"{name} changes"


def _shown(lead: str, value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"{lead}{text}" if len(text) <= _LONGEST and not _PLACEHOLDER.search(text) else ""
