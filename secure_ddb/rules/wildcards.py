"""Comparing names with wildcards, as IAM does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from functools import lru_cache

# A name for whatever something may be called: only wildcards match it, and no beginning does by accident.
ANY_NAME = "**"
# The colons of an ARN up to the resource, each part of which is compared by itself.
_BEFORE_RESOURCE = 5


def matches(pattern: str, text: str) -> bool:
    """Compare as IAM does: `*` stands for any characters and `?` for one."""
    if pattern in ("*", text):
        return True
    if "*" not in pattern and "?" not in pattern:
        return False
    return _compiled(pattern).fullmatch(text) is not None


def overlaps(pattern: str, name: str) -> bool:
    """Tell whether a pattern is for a name, or for some of what `ANY_NAME` at its end may stand for."""
    if not name.endswith(ANY_NAME):
        return matches(pattern, name)
    begin = name.removesuffix(ANY_NAME)
    parts, known = pattern.split(":", _BEFORE_RESOURCE), begin.split(":", _BEFORE_RESOURCE)
    if len(parts) == len(known) > _BEFORE_RESOURCE:
        if not all(map(matches, parts[:-1], known[:-1])):
            return False
        pattern, begin = parts[-1], known[-1]
    # The beginning of the pattern has to match the known beginning; the rest may be what the name turns out to be.
    return any(matches(pattern[:end], begin) for end in range(len(pattern) + 1))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    # A placeholder begins with `${?` when its value is unknown; that is no wildcard.
    parts = re.split(r"(\$\{\?[^}]*\}|\*|\?)", pattern)
    wildcards = {"*": ".*", "?": "."}
    return re.compile("".join(wildcards.get(part) or re.escape(part) for part in parts), re.DOTALL)
