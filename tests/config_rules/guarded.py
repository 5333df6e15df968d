"""Runs rules of AWS CloudFormation Guard."""

from __future__ import annotations

import re
from typing import Any

import pytest

cfn_guard_rs = pytest.importorskip("cfn_guard_rs", reason="no wheel for this version of Python")

# A rule with the variable before it, and rules that it refers to.
_BLOCK = re.compile(r"(?:^let .*\n)?^rule (\w+)(?:.*\n)+?^}$", re.MULTILINE)
_SHARED = "rule table_is_active"


def failed(rules: str, data: dict[str, Any]) -> set[str]:
    """Return the names of the rules that data does not comply with.

    Each rule is run by itself: of many failures at once the library cuts off the report.
    """
    shared = "".join(f"{block[0]}\n" for block in _BLOCK.finditer(rules) if block[0].startswith(_SHARED))
    found = set()
    for block in _BLOCK.finditer(rules):
        text = block[0] if block[0].startswith(_SHARED) else f"{shared}{block[0]}\n"
        report = cfn_guard_rs.run_checks(data, text)
        found |= {each.Rule.name for each in report.not_compliant}
    return found


def names(rules: str) -> list[str]:
    """Return the names of all rules."""
    return [block[1] for block in _BLOCK.finditer(rules)]
