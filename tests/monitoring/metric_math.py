"""The value of a metric math expression, as far as the table's own alarms have any.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# None is a period without data.
Value = float | None
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {ast.Eq: operator.eq, ast.Gt: operator.gt}
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Div: operator.truediv,
    ast.Mult: operator.mul,
}


def value_of(expression: str, values: Mapping[str, Value]) -> Value:
    """Return the value of an expression in a period for which the metrics have these values."""
    return _value(ast.parse(expression.replace(" AND ", " and "), mode="eval").body, values)


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:  # noqa: PLR0911 - one for each kind of node
    match node:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=int(number)):
            return number
        case ast.Call(func=ast.Name(id="FILL"), args=[series, filling]):
            value = _value(series, values)
            return _value(filling, values) if value is None else value
        case ast.Call(func=ast.Name(id="MAX"), args=[ast.List(elts=series)]):
            known = [value for each in series if (value := _value(each, values)) is not None]
            return max(known, default=None)
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            return _value(then if _value(condition, values) else otherwise, values)
        case ast.BinOp(op=operation, left=left, right=right):
            one, other = _value(left, values), _value(right, values)
            return None if one is None or other is None else _OPERATORS[type(operation)](one, other)
        case ast.BoolOp(op=ast.And(), values=operands):
            return all(_value(operand, values) for operand in operands)
        case ast.Compare(left=left, ops=[comparison], comparators=[right]):
            one, other = _value(left, values), _value(right, values)
            return None if one is None or other is None else _COMPARISONS[type(comparison)](one, other)
    raise ValueError(ast.dump(node))
