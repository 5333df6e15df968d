"""Comparing names with wildcards, as IAM does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from functools import lru_cache

# A name for whatever something may be called: only wildcards match it, and no beginning does by accident.
ANY_NAME = "**"


def matches(pattern: str, text: str) -> bool:
    """Compare as IAM does: `*` stands for any characters and `?` for one."""
    if pattern in ("*", text):
        return True
    if "*" not in pattern and "?" not in pattern:
        return False
    return _compiled(pattern).fullmatch(text) is not None


def matches_some(pattern: str, name: str) -> bool:
    """Tell whether a pattern is for a name, or for some of what `ANY_NAME` in it may stand for."""
    return matches(pattern, name) or (name.endswith(ANY_NAME) and pattern.startswith(name.removesuffix(ANY_NAME)))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    # A placeholder begins with `${?` when its value is unknown; that is no wildcard.
    parts = re.split(r"(\$\{\?[^}]*\}|\*|\?)", pattern)
    wildcards = {"*": ".*", "?": "."}
    return re.compile("".join(wildcards.get(part) or re.escape(part) for part in parts), re.DOTALL)
