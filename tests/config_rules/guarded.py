"""Runs rules of AWS CloudFormation Guard."""

from __future__ import annotations

import re
from typing import Any

import pytest

cfn_guard_rs = pytest.importorskip("cfn_guard_rs", reason="no wheel for this version of Python")

_BLOCK = re.compile(r"^rule (\w+)(?:.*\n)+?^}$", re.MULTILINE)
_VARIABLE = re.compile(r"^let .*\n", re.MULTILINE)


def failed(rules: str, data: dict[str, Any]) -> set[str]:
    """Return the names of the rules that data does not comply with.

    Each rule is run by itself: of many failures at once the library cuts off the report.
    """
    variables = "".join(_VARIABLE.findall(rules))
    found = set()
    for block in _BLOCK.finditer(rules):
        report = cfn_guard_rs.run_checks(data, f"{variables}{block[0]}\n")
        found |= {each.Rule.name for each in report.not_compliant}
    return found


def names(rules: str) -> list[str]:
    """Return the names of all rules."""
    return [block[1] for block in _BLOCK.finditer(rules)]
