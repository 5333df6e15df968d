"""The kinds of weakening, and why each of them is one.

They are applied wherever they can be, not only where a rule is known to look.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from benchmarks.rule_mutants.places import Path


class Kind(Enum):
    """A kind of weakening: its name, and why it makes something weaker."""

    PROPERTY_REMOVED = "property removed", "what AWS does by default is mostly less than what was asked for"
    ITEM_REMOVED = "item removed", "what the item of a list said does not hold any more"
    FLIPPED = "flipped", "a switch that was on is off; one that was off mostly switches protection off"
    WEAKER_VALUE = "weaker value", "listed with a reason each in weaker.py"
    SOMEBODY_ELSES = "somebody else's", "data, keys or messages are those of another account"
    NOT_RETAINED = "not retained", "it goes with its stack, or when it is replaced"
    TAG_REMOVED = "tag removed", "who owns it, who pays, and how sensitive it is cannot be told"
    TAGS_REMOVED = "all tags removed", "as for each of them"
    RESOURCE_REMOVED = "resource removed", "what it did is not done; references to it go too"

    STATEMENT_REMOVED = "statement removed", "a Deny stops nobody; without an Allow what has to work does not"
    ALLOWED = "Deny turned to Allow", "what was refused is let in"
    EVERY_ACTION_OF_SERVICE = "every action of the service", "more can be done than has to be"
    EVERY_ACTION = "every action", "everything can be done"
    EVERY_RESOURCE = "every resource", "it can be done to everything"
    EVERYBODY = "everybody", "anybody can do it"
    SOMEBODY_ELSE = "another account", "somebody else can do it, and who should cannot"
    CONDITION_REMOVED = "condition removed", "it holds for more requests"
    CONDITIONS_REMOVED = "all conditions removed", "it holds for every request"
    ANY_VALUE = "any value", "a condition holds for whatever is sent"
    IF_EXISTS = "if it exists", "a condition holds where the key is missing"
    ANOTHER_ACCOUNT = "for another account", "a condition names another account than ours"
    NOT_DENIED = "not denied", "a Deny stops fewer actions or protects fewer resources"
    DENIED_TO_SOMEBODY_ELSE = "denied to another account only", "a Deny stops nobody whom it should stop"
    ONLY_UNDER_A_CONDITION = "denied under one more condition", "a Deny stops those only that have a tag"
    ONE_MORE_EXEMPTED = "one more exempted", "a Deny lets somebody pass whom it should stop"
    OPPOSITE = "opposite value", "a Deny stops the wrong requests"
    ONLY_IF_PRESENT = "only if it exists", "a Deny lets requests pass that lack the key"

    def __init__(self, title: str, why: str) -> None:
        """Take its name and reason."""
        self.title = title
        self.why = why


class Change(NamedTuple):
    """A value to write somewhere.

    Attributes:
        path: Where.
        kind: What kind of weakening that is.
        value: What to write there.
        about: Which of several changes of this kind at this place.
    """

    path: Path
    kind: Kind
    value: Any
    about: str = ""

    def inside(self, *path: str | int) -> Change:
        """Return the same change as seen from further outside."""
        return self._replace(path=(*path, *self.path))
