"""Decides metric filters as AWS documents them, as far as this library writes them; our model, not AWS's code.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

_TOKEN = re.compile(r'\s*(&&|\|\||[(){}]|!=|=|NOT EXISTS|"[^"]*"|\$\.[\w.]+)')


def matches(pattern: str, event: dict[str, Any]) -> bool:
    """Tell whether a filter counts an event.

    Raises:
        ValueError: The pattern has something that is not known here.
    """
    tokens = _TOKEN.findall(pattern)
    if "".join(tokens).replace(" ", "") != pattern.replace(" ", ""):
        raise ValueError(pattern)
    _expect(tokens, "{")
    result = _any(tokens, event)
    _expect(tokens, "}")
    return result


def _any(tokens: list[str], event: dict[str, Any]) -> bool:
    results = [_all(tokens, event)]
    while tokens[0] == "||":
        tokens.pop(0)
        results.append(_all(tokens, event))
    return any(results)


def _all(tokens: list[str], event: dict[str, Any]) -> bool:
    results = [_one(tokens, event)]
    while tokens[0] == "&&":
        tokens.pop(0)
        results.append(_one(tokens, event))
    return all(results)


def _one(tokens: list[str], event: dict[str, Any]) -> bool:
    first = tokens.pop(0)
    if first == "(":
        result = _any(tokens, event)
        _expect(tokens, ")")
        return result
    value: Any = event
    for name in first.removeprefix("$.").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    operator = tokens.pop(0)
    if operator == "NOT EXISTS":
        return value is None
    wanted = tokens.pop(0).strip('"')
    # A comparison with a field that is not there matches nothing, in either direction.
    return value is not None and fnmatchcase(str(value), wanted) == (operator == "=")


def _expect(tokens: list[str], token: str) -> None:
    if tokens.pop(0) != token:
        raise ValueError(token)
