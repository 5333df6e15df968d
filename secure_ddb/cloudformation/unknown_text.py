"""Whether two texts match for some values of their unknown parts.

An unknown part is one placeholder character per kind, as is a name that CloudFormation generates.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping


class Kind(Enum):
    """The possible values of a placeholder."""

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
# What only wildcards match that stand for any characters.
EVERY_REST = "\uf8ff"
_MADE = {Kind.MADE_NAME, Kind.MADE_ARN}
_ACCOUNT = re.compile(r"\$\{AWS\.(?:Other)?AccountId\}")
# The variables of policies have a colon.
_UNKNOWN = re.compile(r"\$\{(?:\?|AWS\.|[*$]\}|[^}]*:|[^}]*\.StackName\})")
_ARN = re.compile(r".*(?:arn|stream|ur[il]|endpoint)\}", re.IGNORECASE)


def kind_of(placeholder: str) -> Kind:
    """Return the possible values of a placeholder."""
    if _ACCOUNT.fullmatch(placeholder):
        return Kind.ACCOUNT
    if placeholder == "${AWS.Region}":
        return Kind.REGION
    if _UNKNOWN.match(placeholder):
        return Kind.ANYTHING
    return Kind.MADE_ARN if _ARN.fullmatch(placeholder) else Kind.MADE_NAME


def may_become(placeholder: str, text: str) -> bool:
    """Return whether a placeholder's value may contain a text."""
    return all(map(_CHARACTERS[kind_of(placeholder)].match, text))


class _Within(Enum):
    """How much of a made name is matched: nothing, only written characters, or also some by a wildcard."""

    NOTHING = auto()
    WRITTEN = auto()
    WILDCARD = auto()


# How far both texts are, the second one within a made name.
_Place = tuple[int, int, _Within]


def may_match(pattern: str, text: str, kinds: Mapping[str, Kind], *, has_wildcards: bool) -> bool:
    """Return whether a pattern may match a text.

    Args:
        pattern: The pattern.
        text: The text.
        kinds: Characters that stand for something else; all others stand for themselves.
        has_wildcards: Whether `*` and `?` are wildcards in the pattern.
    """
    pattern, text = _without_common_ends(pattern, text, has_wildcards=has_wildcards)
    if not pattern or not text:
        rest = pattern + text
        return all(kinds.get(each) is Kind.ANYTHING or (each == "*" and has_wildcards and not text) for each in rest)
    left_open = {*kinds, "*", "?"} if has_wildcards else kinds
    if _differ(pattern[0], text[0], left_open) or _differ(pattern[-1], text[-1], left_open):
        return False
    steps = _Steps(pattern, text, kinds, has_wildcards=has_wildcards)
    places: list[_Place] = [(0, 0, _Within.NOTHING)]
    seen = {*places}
    while places:
        place = places.pop()
        if place[:2] == (len(pattern), len(text)):
            return True
        new = {*steps.after(*place)} - seen
        seen |= new
        places += new
    return False


def _differ(one: str, other: str, left_open: Container[str]) -> bool:
    return one != other and one not in left_open and other not in left_open


def _without_common_ends(pattern: str, text: str, *, has_wildcards: bool) -> tuple[str, str]:
    """Return two texts without their certain common prefix and suffix."""
    for _ in range(2):
        length = 0
        for one, other in zip(pattern, text, strict=False):
            if one != other or (has_wildcards and one in "*?"):
                break
            length += 1
        # The other end is next.
        pattern, text = pattern[length:][::-1], text[length:][::-1]
    return pattern, text


class _Steps:
    """How far two texts come together, one step after another."""

    def __init__(self, pattern: str, text: str, kinds: Mapping[str, Kind], *, has_wildcards: bool) -> None:
        self._pattern = pattern
        self._text = text
        self._kinds = kinds
        self._wildcards = frozenset("*?" if has_wildcards else "")

    def after(self, at: int, to: int, within: _Within) -> Iterator[_Place]:
        """Yield the places that can be reached in one step."""
        one = self._pattern[at] if at < len(self._pattern) else ""
        other = self._text[to] if to < len(self._text) else ""
        if one in self._wildcards:
            yield from self._by_wildcard(at, to, one, other, within)
        if self._kinds.get(other) in _MADE:
            yield from self._within_made_name(at, to, one, other, within)
        elif other in self._kinds:
            yield at, to + 1, _Within.NOTHING
            if one and self._may_become(other, one):
                yield at + 1, to, _Within.NOTHING
        if within is _Within.NOTHING and one and one not in self._wildcards:
            yield from self._by_character(at, to, one, other)

    def _by_wildcard(self, at: int, to: int, one: str, other: str, within: _Within) -> Iterator[_Place]:
        if one == "*":
            yield at + 1, to, within
        if other and not (one == "?" and other == EVERY_REST):
            yield (at if one == "*" else at + 1), to + 1, _Within.NOTHING

    def _within_made_name(self, at: int, to: int, one: str, other: str, within: _Within) -> Iterator[_Place]:
        if within is _Within.WILDCARD:
            yield at, to + 1, _Within.NOTHING
        if one in self._wildcards:
            yield (at if one == "*" else at + 1), to, _Within.WILDCARD
        elif _CHARACTERS[self._kinds[other]].match(one):
            yield at + 1, to, _Within.WRITTEN if within is _Within.NOTHING else within

    def _by_character(self, at: int, to: int, one: str, other: str) -> Iterator[_Place]:
        if one == other:
            yield at + 1, to + 1, _Within.NOTHING
        if one in self._kinds and self._kinds[one] not in _MADE:
            yield at + 1, to, _Within.NOTHING
            if other and self._may_become(one, other):
                yield at, to + 1, _Within.NOTHING

    def _may_become(self, sign: str, other: str) -> bool:
        """Return whether something unknown may contain a character, which may be unknown itself."""
        kind, kind_of_other = self._kinds[sign], self._kinds.get(other)
        if kind is Kind.ANYTHING or other in self._wildcards:
            return True
        return kind_of_other not in _MADE if kind_of_other else bool(_CHARACTERS[kind].match(other))
