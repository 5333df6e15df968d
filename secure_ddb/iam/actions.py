"""The actions that a statement names. Most statements of an app name the same ones, which saves a fifth of the time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.wildcards import matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secure_ddb.three_valued import Truth


class Actions:
    """The actions of an `Action` or a `NotAction`; equal ones are one object.

    Attributes:
        names: In lower case, because IAM does not care.
        are_excluded: Whether all others are meant.
        are_unknown: Whether they may be more, or other ones.
        have_no_name: Whether not one of them is known.
    """

    def __init__(self, names: tuple[str, ...], *, are_excluded: bool) -> None:
        """Store the actions as they were written."""
        self.names = tuple(name.lower() for name in names)
        self.are_excluded = are_excluded
        unknown = [is_unknown(name) for name in self.names]
        self.are_unknown = any(unknown)
        self.have_no_name = bool(unknown) and not are_excluded and all(unknown)
        # Most names are plain, and most questions are about actions.
        self._patterns = [name for name in self.names if "*" in name or "?" in name]
        self._plain = frozenset(self.names)
        self._include_of: dict[tuple[str, ...], Mapping[str, Truth]] = {}

    def include(self, action: str) -> Truth:
        """Return whether an action is among them; None if only the deployment knows."""
        name = action.lower()
        if name in self._plain or any(matches(pattern, name) for pattern in self._patterns):
            # Other names that are unknown do not change that.
            return not self.are_excluded
        return None if self.are_unknown else self.are_excluded

    def include_of(self, actions: tuple[str, ...]) -> Mapping[str, Truth]:
        """Return those of some actions that are among them, or of which only the deployment knows."""
        if actions not in self._include_of:
            answers = {action: self.include(action) for action in actions}
            self._include_of[actions] = {each: answer for each, answer in answers.items() if answer is not False}
        return self._include_of[actions]


@lru_cache(maxsize=4096)
def actions_named(names: tuple[str, ...], *, are_excluded: bool) -> Actions:
    """Return the actions that have some names."""
    return Actions(names, are_excluded=are_excluded)
