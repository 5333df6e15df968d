"""Whether two texts may match, of which only the deployment knows some parts.

What is unknown is one character, of a kind; so is a name that CloudFormation makes.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """What a placeholder may become."""

    ANYTHING = auto()
    ACCOUNT = auto()
    REGION = auto()
    # No text that is written somewhere, but a wildcard may match it.
    MADE_NAME = auto()
    MADE_ARN = auto()


_CHARACTERS = {
    Kind.ANYTHING: re.compile(".", re.DOTALL),
    Kind.ACCOUNT: re.compile(r"\d"),
    Kind.REGION: re.compile("[a-z0-9-]"),
    Kind.MADE_NAME: re.compile("[^:/]"),
    Kind.MADE_ARN: re.compile(".", re.DOTALL),
}
_ACCOUNT = re.compile(r"\$\{AWS\.(?:Other)?AccountId\}")
# The variables of policies have a colon.
_UNKNOWN = re.compile(r"\$\{(?:\?|AWS\.|[*$]\}|[^}]*:|[^}]*\.StackName\})")
_ARN = re.compile(r".*(?:arn|stream|ur[il]|endpoint)\}", re.IGNORECASE)
_WITHIN_NAME = re.compile("[^:/]*")


def kind_of(placeholder: str) -> Kind:
    """Return what a placeholder may become."""
    if _ACCOUNT.fullmatch(placeholder):
        return Kind.ACCOUNT
    if placeholder == "${AWS.Region}":
        return Kind.REGION
    if _UNKNOWN.match(placeholder):
        return Kind.ANYTHING
    return Kind.MADE_ARN if _ARN.fullmatch(placeholder) else Kind.MADE_NAME


def may_become(placeholder: str, text: str) -> bool:
    """Tell whether a text may be in what a placeholder becomes."""
    return all(map(_CHARACTERS[kind_of(placeholder)].match, text))


def may_match(pattern: str, text: str, kinds: Mapping[str, Kind], *, wildcards: str = "") -> bool:
    """Tell whether a pattern may match a text: false if they surely begin or end differently.

    Args:
        pattern: The pattern.
        text: The text.
        kinds: Characters that stand for something else; all others stand for themselves.
        wildcards: Characters of the pattern that are wildcards.
    """
    return all(_may_begin_alike(*each, kinds, wildcards) for each in ((pattern, text), (pattern[::-1], text[::-1])))


def _may_begin_alike(pattern: str, text: str, kinds: Mapping[str, Kind], wildcards: str) -> bool:
    for position, (one, other) in enumerate(zip(pattern, text, strict=False)):
        if one in wildcards:
            return True
        if one != other:
            return _may_be_alike(pattern[position:], other, kinds, wildcards)
    rest = pattern[len(text) :] or text[len(pattern) :]
    return all(each in wildcards or kinds.get(each) is Kind.ANYTHING for each in rest[:1])


def _may_be_alike(pattern: str, other: str, kinds: Mapping[str, Kind], wildcards: str) -> bool:
    """Tell whether a pattern may match a text that begins with another character."""
    one, of_one, of_other = pattern[0], kinds.get(pattern[0]), kinds.get(other)
    if Kind.ANYTHING in (of_one, of_other):
        return True
    if of_other in (Kind.MADE_NAME, Kind.MADE_ARN):
        reach = _WITHIN_NAME.match(pattern) if of_other is Kind.MADE_NAME else None
        return not set(wildcards).isdisjoint(reach[0] if reach else pattern)
    if of_one in (Kind.MADE_NAME, Kind.MADE_ARN):
        return False
    if of_one and of_other:
        return True
    kind, written = (of_one, other) if of_one else (of_other, one)
    return kind is not None and bool(_CHARACTERS[kind].match(written))
