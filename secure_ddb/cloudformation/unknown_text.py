"""Whether two texts may match, of which only the deployment knows some parts.

What is unknown is one character, of a kind; so is a name that CloudFormation makes.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
_MADE = {Kind.MADE_NAME, Kind.MADE_ARN}
_ACCOUNT = re.compile(r"\$\{AWS\.(?:Other)?AccountId\}")
# The variables of policies have a colon.
_UNKNOWN = re.compile(r"\$\{(?:\?|AWS\.|[*$]\}|[^}]*:|[^}]*\.StackName\})")
_ARN = re.compile(r".*(?:arn|stream|ur[il]|endpoint)\}", re.IGNORECASE)


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
    """Tell whether a pattern may match a text.

    Args:
        pattern: The pattern.
        text: The text.
        kinds: Characters that stand for something else; all others stand for themselves.
        wildcards: `*?` if these are wildcards of the pattern.
    """
    # What is unknown in both of them is the same at their ends.
    while pattern and text and pattern[0] == text[0] and pattern[0] not in wildcards:
        pattern, text = pattern[1:], text[1:]
    while pattern and text and pattern[-1] == text[-1] and pattern[-1] not in wildcards:
        pattern, text = pattern[:-1], text[:-1]
    places = {0}
    for other in text:
        places = {after for place in places for after in _after(pattern, place, other, kinds, wildcards)}
    return any(all(_is_long(one, kinds, wildcards) for one in pattern[place:]) for place in places)


def _is_long(one: str, kinds: Mapping[str, Kind], wildcards: str) -> bool:
    """Tell whether a character of a pattern stands for any number of characters."""
    return one in wildcards[:1] or kinds.get(one, Kind.MADE_NAME) not in _MADE


def _after(pattern: str, place: int, other: str, kinds: Mapping[str, Kind], wildcards: str) -> Iterator[int]:
    """Yield how far a pattern comes with one more character of the text."""
    kind = kinds.get(other)
    if kind and kind not in _MADE:
        yield place
    # No written text is a made name, but what a wildcard leaves of one may be.
    may_be_written = kind not in _MADE
    for position in range(place, len(pattern)):
        one = pattern[position]
        is_long = _is_long(one, kinds, wildcards)
        may_be_written = may_be_written or one in wildcards
        holds = kind or one in wildcards or (is_long and _CHARACTERS[kinds[one]].match(other))
        if is_long and holds and (may_be_written or position == place):
            yield position
        if one == other or (one in wildcards and not kind):
            yield position + 1
        may_go_on = is_long or (kind and (one in wildcards or _CHARACTERS[kind].match(one)))
        if not may_go_on:
            return
        if kind and may_be_written:
            yield position + 1
