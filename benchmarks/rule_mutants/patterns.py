"""Patterns of mutants' names."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def first_matching(patterns: Iterable[str], name: str) -> str:
    """Return the first pattern that a name matches as a whole; empty if there is none."""
    return next((pattern for pattern in patterns if _compiled(pattern).fullmatch(name)), "")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
