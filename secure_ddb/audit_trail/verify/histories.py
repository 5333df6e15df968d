"""How the changes of one item in the log of one Region go together with those in the log of another.

Replication may combine several changes within a short time into one, so logs of one table differ a little.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# Attribute to its type and size before and after; None where there was no such attribute.
State = list[Any] | None
Effect = dict[str, tuple[State, State]]

# That the item is there. No attribute has an empty name.
_ITEM = ""
_THERE: State = []

# Replication that takes longer raises an alarm, which explains what was combined then.
LONGEST_COMBINED_SECONDS = 60
# How far ahead the counterpart of a change is looked for, and how many that look alike are counted.
_MOST_SKIPPED = 40
_MOST_ALIKE = 1000


class Change(NamedTuple):
    """A change of an item, as one line tells it.

    Attributes:
        effect: What it did, as far as the line says.
        created: About when, in seconds since 1970.
        event_id: DynamoDB's id of it in its Region.
        action: INSERT, MODIFY or REMOVE.
        where: The place of the line in the input.
    """

    effect: Effect
    created: float
    event_id: str
    action: str
    where: str


# The changes of one log, and of the other.
Pair = tuple[Sequence[Change], Sequence[Change]]
_NOTHING: Pair = ((), ())


class Difference(NamedTuple):
    """Changes of an item that stand between two changes, or at an end, that both logs have.

    Attributes:
        first: Those of the first log.
        second: Those of the second log.
        is_combined: Whether replication may have combined those of one log into those of the other.
    """

    first: Sequence[Change]
    second: Sequence[Change]
    is_combined: bool


def effect_of(fields: dict[str, Any]) -> Effect:
    """Return what the fields of a line say that a change did."""
    effect: Effect = {name: (None, after) for name, after in fields.get("added", {}).items()}
    effect |= {name: (before, None) for name, before in fields.get("removed", {}).items()}
    effect |= {name: (both[:2], both[2:]) for name, both in fields.get("changed", {}).items()}
    if fields["action"] == "INSERT":
        effect[_ITEM] = (None, _THERE)
    elif fields["action"] == "REMOVE":
        effect[_ITEM] = (_THERE, None)
    return effect


def differences(first: Sequence[Change], second: Sequence[Change]) -> Iterator[Difference]:
    """Return where the changes of an item in two logs, each in its order, do not go together one by one."""
    here = there = 0
    before = _NOTHING
    while here < len(first) or there < len(second):
        skipped, skipped_second = _skipped(first, here, second, there)
        runs = first[here : here + skipped], second[there : there + skipped_second]
        here, there = here + skipped, there + skipped_second
        both = first[here : here + 1], second[there : there + 1]
        if skipped or skipped_second:
            yield Difference(*runs, _may_be_combined(runs, before, both))
        before = both
        here, there = here + 1, there + 1


def _skipped(first: Sequence[Change], here: int, second: Sequence[Change], there: int) -> tuple[int, int]:
    """Return how many changes of each log come before the next one that both have."""
    rest = len(first) - here, len(second) - there
    for distance in range(min(sum(rest), _MOST_SKIPPED) + 1):
        for skip in range(distance + 1):
            skip_second = distance - skip
            if skip < rest[0] and skip_second < rest[1]:
                one, other = here + skip, there + skip_second
                if first[one].effect == second[other].effect:
                    return skip + _surplus(first, one, second, other), skip_second + _surplus(second, other, first, one)
    return rest


def _surplus(changes: Sequence[Change], here: int, others: Sequence[Change], there: int) -> int:
    """Return how many changes to skip of those that look like the next one, if the other log has fewer of them.

    Which ones the other log lacks, only their times tell.
    """
    latest = others[there].created - LONGEST_COMBINED_SECONDS
    if changes[here].created >= latest:
        return 0
    surplus = _alike(changes, here) - _alike(others, there)
    return sum(each.created < latest for each in changes[here : here + max(0, surplus)])


def _alike(changes: Sequence[Change], here: int) -> int:
    end = min(len(changes), here + _MOST_ALIKE)
    return next((at for at in range(here, end) if changes[at].effect != changes[here].effect), end) - here


def _may_be_combined(runs: Pair, before: Pair, after: Pair) -> bool:
    """Tell whether the changes of both logs come to the same, perhaps together with the change before or after."""
    if runs[0] and runs[1]:
        return _come_to_the_same(*runs)
    beside = [(before, _NOTHING), (_NOTHING, after)]
    if sum(map(len, runs)) > 1:
        # Several may undo each other. One by itself does something.
        beside.append((_NOTHING, _NOTHING))
    return any(
        _come_to_the_same([*left[0], *runs[0], *right[0]], [*left[1], *runs[1], *right[1]]) for left, right in beside
    )


def _come_to_the_same(first: Sequence[Change], second: Sequence[Change]) -> bool:
    if any(each[-1].created - each[0].created > LONGEST_COMBINED_SECONDS for each in (first, second) if each):
        return False
    one, other = _combined(first), _combined(second)
    if one is None or other is None:
        return False
    # An attribute that is as long as before may be what it was before: then the other log does not name it.
    either = one | other
    return all(
        one[name] == other[name] if name in one and name in other else either[name][0] == either[name][1]
        for name in either
    )


def _combined(changes: Sequence[Change]) -> Effect | None:
    """Return what changes do together; None if something is missing between them."""
    effect: Effect = {}
    for change in changes:
        for name, (before, after) in change.effect.items():
            first, last = effect.get(name, (before, before))
            if last != before:
                return None
            effect[name] = (first, after)
    return effect
