"""Comparing texts with wildcards and placeholders, as IAM does.

Values known only to the deployment or the request may still be equal: then the answer is None.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.unknown_text import EVERY_REST, Kind, kind_of, may_match
from secure_ddb.cloudformation.values import ACCOUNT

if TYPE_CHECKING:
    from secure_ddb.three_valued import Truth

# At the end of a name: whatever the rest may be.
ANY_NAME = "**"
# An account that is not the one of the deployment, where that is not known.
OTHER_ACCOUNT = "${AWS.OtherAccountId}"
# The colons of an ARN up to the resource, each part of which is compared by itself.
_BEFORE_RESOURCE = 5

_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
# A character of its own stands for a placeholder while it is compared, so that no wildcard matches a part of its name.
_FIRST = 0xE000
_ANY_REST = "\uf8fe"
_WILDCARDS = {"*": ".*", "?": r"[^\ue000-\uf8ff]", "?*": rf"(?:[{_ANY_REST}{EVERY_REST}]|[^\ue000-\uf8ff].*)"}
_TOKEN = re.compile(r"(\?\*|[*?])")
# An asterisk within a segment before the resource. One at the segment's end may match beyond the colon.
_WITHIN_SEGMENT = re.compile(r"(?:[^:]*:){0,4}[^:]*\*[^:*]")


def matches(pattern: str, text: str) -> bool:
    """Return whether a text certainly matches a pattern."""
    return like(pattern, text) is True


def like(pattern: str, text: str) -> Truth:
    """Compare as `StringLike` does: `*` stands for any characters and `?` for one."""
    if pattern in ("*", text):
        return True
    if "*" not in pattern and "?" not in pattern and "${" not in pattern and "${" not in text:
        return False
    return _compare(pattern, text, has_wildcards=True)


def equals(expected: str, text: str, *, ignore_case: bool = False) -> Truth:
    """Compare as `StringEquals` and `StringEqualsIgnoreCase` do."""
    if expected == text:
        return True
    if "${" not in expected and "${" not in text:
        return ignore_case and expected.lower() == text.lower()
    return _compare(expected, text, has_wildcards=False, ignore_case=ignore_case)


@lru_cache(maxsize=16384)
def arn_like(pattern: str, arn: str) -> Truth:
    """Compare as `ArnLike` does: each of an ARN's six parts by itself.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    if not is_arn(pattern) or not is_arn(arn):
        return like(pattern, arn)
    return _all_parts(pattern, arn)


def is_arn(text: str) -> bool:
    """Return whether a text has all parts of an ARN."""
    return text.startswith("arn:") and text.count(":") >= _BEFORE_RESOURCE


def resource_like(pattern: str, name: str) -> Truth:
    """Compare a statement's resource with a name; None if it matches only some values of `ANY_NAME`."""
    if pattern in ("*", name):
        return True
    if "*" not in pattern and "?" not in pattern and "${" not in pattern + name and not name.endswith(ANY_NAME):
        return False
    return _resource_like(pattern, name)


@lru_cache(maxsize=4096)
def matches_some(pattern: str, name: str) -> bool:
    """Return whether a pattern certainly matches a name, or some values of `ANY_NAME`."""
    signs: dict[str, str] = {}
    pattern, name = _with_signs(pattern, signs), _with_signs(_with_any_rest(name), signs)
    return pattern == "*" or may_match(pattern, name, {_ANY_REST: Kind.ANYTHING}, has_wildcards=True)


def for_every_name(name: str) -> str:
    """Return a name that only patterns for all of `ANY_NAME` match."""
    return f"{name.removesuffix(ANY_NAME)}{EVERY_REST}" if name.endswith(ANY_NAME) else name


def _with_any_rest(name: str) -> str:
    return f"{name.removesuffix(ANY_NAME)}{_ANY_REST}" if name.endswith(ANY_NAME) else name


@lru_cache(maxsize=16384)
def _resource_like(pattern: str, name: str) -> Truth:
    name = _with_any_rest(name)
    if is_arn(pattern) and is_arn(name) and _all_parts(pattern, name):
        return True
    whole = _compare(pattern, name, has_wildcards=True)
    return None if whole and _WITHIN_SEGMENT.match(pattern) else whole


def _all_parts(pattern: str, arn: str) -> Truth:
    pairs = zip(pattern.split(":", _BEFORE_RESOURCE), arn.split(":", _BEFORE_RESOURCE), strict=True)
    answers = [like(*pair) for pair in pairs]
    return False if False in answers else None if None in answers else True


@lru_cache(maxsize=16384)
def _compare(pattern: str, text: str, *, has_wildcards: bool, ignore_case: bool = False) -> Truth:
    if OTHER_ACCOUNT in text and ACCOUNT in pattern:
        text = text.replace(OTHER_ACCOUNT, f"{ACCOUNT}-not")
    signs: dict[str, str] = {}
    pattern, text = _with_signs(pattern, signs), _with_signs(text, signs)
    if ignore_case:
        pattern, text = pattern.lower(), text.lower()
    has_wildcards = has_wildcards and bool(_TOKEN.search(pattern))
    if pattern == text or (has_wildcards and _regex(pattern).fullmatch(text)):
        return True
    kinds = {sign: kind_of(placeholder) for placeholder, sign in signs.items()}
    return None if may_match(pattern, text, {_ANY_REST: Kind.ANYTHING, **kinds}, has_wildcards=has_wildcards) else False


def _with_signs(text: str, signs: dict[str, str]) -> str:
    """Return a text with one character for each placeholder."""
    return _PLACEHOLDER.sub(lambda found: signs.setdefault(found[0], chr(_FIRST + len(signs))), text)


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    parts = (_WILDCARDS.get(part) or re.escape(part) for part in _TOKEN.split(pattern))
    return re.compile("".join(parts), re.DOTALL)
