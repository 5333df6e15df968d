"""Whether a template's condition holds, as far as synth can tell.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import is_unknown, resolve

if TYPE_CHECKING:
    from secure_ddb.cloudformation.scope import Scope
    from secure_ddb.three_valued import Truth

_NOT_COMPARABLE = re.compile(r"\$\{AWS\.")


def condition_holds(name: str, template: Scope) -> Truth:
    """Return whether a condition holds; None if only the deployment knows."""
    conditions = template.body.get("Conditions")
    try:
        return _holds(conditions[name], template) if isinstance(conditions, dict) and name in conditions else None
    except RecursionError:
        # One that asks about itself, which CloudFormation refuses.
        return None


def _holds(body: Any, template: Scope) -> Truth:  # noqa: ANN401 - a value of a template
    match body:
        case {"Condition": name}:
            return template.holds(name)
        case {"Fn::Equals": [left, right]}:
            return _equal(resolve(left, template), resolve(right, template))
        case {"Fn::Not": [inner]}:
            holds = _holds(inner, template)
            return None if holds is None else not holds
        case {"Fn::And": [*inner]}:
            answers = [_holds(each, template) for each in inner]
            return False if False in answers else None if None in answers else True
        case {"Fn::Or": [*inner]}:
            answers = [_holds(each, template) for each in inner]
            return True if True in answers else None if None in answers else False
    return None


def _equal(left: object, right: object) -> Truth:
    # Parameters are text, and what they are compared with may be written as a number or a truth value.
    if left == right or _text(left) == _text(right):
        return True
    unknown = is_unknown(left) or is_unknown(right) or any(_NOT_COMPARABLE.search(str(each)) for each in (left, right))
    return None if unknown else False


def _text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
