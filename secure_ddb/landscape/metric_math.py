"""The value of a metric math expression, as far as alarms on silence need it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# None is a period without data.
Value = float | None
_SPELLINGS = {r"\bAND\b|&&": " and ", r"\bOR\b|\|\|": " or "}
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def value_of(expression: str, values: Mapping[str, Value]) -> Value:
    """Return the value of an expression in a period for which the metrics have these values.

    Raises:
        ValueError: The expression has something that is not understood.
    """
    for pattern, python in _SPELLINGS.items():
        expression = re.sub(pattern, python, expression)
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body, values)
    except (SyntaxError, KeyError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"not understood: {expression}") from error


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _called(function, arguments, values)
        case ast.BoolOp(op=joined, values=operands):
            found = [_value(operand, values) for operand in operands]
            return None if None in found else float((all if isinstance(joined, ast.And) else any)(found))
        case ast.Compare(left=left, ops=[comparison], comparators=[right]):
            return _of_two(_COMPARISONS[type(comparison)], _value(left, values), _value(right, values))
        case ast.BinOp(left=left, op=arithmetic, right=right):
            return _of_two(_ARITHMETIC[type(arithmetic)], _value(left, values), _value(right, values))
    raise ValueError(ast.dump(node))


def _called(function: str, arguments: list[ast.expr], values: Mapping[str, Value]) -> Value:
    match function, arguments:
        case "FILL", [series, filling]:
            value = _value(series, values)
            return _value(filling, values) if value is None else value
        case "IF", [condition, then, otherwise]:
            value = _value(condition, values)
            return None if value is None else _value(then if value else otherwise, values)
    raise ValueError(function)


def _of_two(function: Callable[[float, float], float], left: Value, right: Value) -> Value:
    return None if left is None or right is None else float(function(left, right))
