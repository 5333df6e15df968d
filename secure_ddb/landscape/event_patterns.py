"""Whether the pattern of an EventBridge rule matches an event.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_list, is_unknown
from secure_ddb.iam.wildcards import equals
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.three_valued import Truth

    # Fields to texts, numbers or further fields; to None if the event certainly lacks the field.
    Event = Mapping[str, "str | float | Event | None"]


def matches_event(pattern: Any, event: Event) -> Truth:  # noqa: ANN401 - a value of a template
    """Return whether a pattern matches an event; None if that depends on a field that `event` leaves out."""
    if isinstance(pattern, str) and not is_unknown(pattern):
        pattern = _parsed(pattern)
    if not isinstance(pattern, dict):
        return None
    return all_of(*(_field(name, expected, event) for name, expected in pattern.items()))


def _parsed(text: str) -> Any:  # noqa: ANN401 - a value of a template
    try:
        return json.loads(text)
    except ValueError:
        return None


def _field(name: str, expected: Any, event: Event) -> Truth:  # noqa: ANN401 - a value of a template
    if name == "$or":
        return any_of(matches_event(each, event) for each in as_list(expected))
    return _value_of_field(expected, event[name]) if name in event else None


def _value_of_field(expected: Any, value: str | float | Event | None) -> Truth:  # noqa: ANN401 - a value of a template
    if value is None:
        return any_of(_absent(each) for each in as_list(expected))
    if isinstance(expected, dict):
        return matches_event(expected, value) if isinstance(value, Mapping) else False
    if isinstance(value, int | float):
        return any_of(_number(each, value) for each in as_list(expected))
    if not isinstance(value, str):
        return None if is_unknown(expected) else False
    return _any_value(expected, value)


def _absent(expected: Any) -> Truth:  # noqa: ANN401 - a value of a template
    return None if is_unknown(expected) else expected == {"exists": False}


def _number(expected: Any, value: float) -> Truth:  # noqa: ANN401 - a value of a template
    if not isinstance(expected, dict):
        return None if is_unknown(expected) else expected == value
    comparisons = expected.get("numeric")
    if not isinstance(comparisons, list) or len(expected) > 1:
        return None
    pairs = zip(comparisons[::2], comparisons[1::2], strict=False)
    return all_of(*(_compared(name, number, value) for name, number in pairs))


def _compared(name: Any, number: Any, value: float) -> Truth:  # noqa: ANN401 - a value of a template
    compare = _COMPARISONS.get(name)
    return compare(value, number) if compare and isinstance(number, int | float) else None


def _any_value(expected: Any, text: str) -> Truth:  # noqa: ANN401 - a value of a template
    return any_of(_value(each, text) for each in as_list(expected))


def _value(expected: Any, text: str) -> Truth:  # noqa: ANN401 - a value of a template
    if isinstance(expected, str):
        return equals(expected, text)
    if not isinstance(expected, dict):
        # A number, a truth value or null.
        return False
    # An operator stands alone.
    return all_of(*(_OPERATORS.get(name, _not_read)(value, text) for name, value in expected.items()))


def _not_read(_: object, __: str) -> None:
    """Return unknown for an unsupported operator."""


def _begins(expected: Any, text: str) -> Truth:  # noqa: ANN401 - a value of a template
    if not isinstance(expected, str):
        return None
    if text.startswith(expected):
        return True
    return None if "${" in expected or "${" in text else False


def _is_another(expected: Any, text: str) -> Truth:  # noqa: ANN401 - a value of a template
    return negate(_any_value(expected, text))


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, "=": eq, ">=": ge, ">": gt}
_OPERATORS: dict[str, Callable[[Any, str], Truth]] = {"anything-but": _is_another, "prefix": _begins}
