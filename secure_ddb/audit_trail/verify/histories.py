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
# How far ahead the counterpart of a change is looked for, and how many that look alike, or come to one, are counted.
_MOST_SKIPPED = 40
_MOST_ALIKE = 1000


class Change(NamedTuple):
    """A change of an item, as one line tells it.

    Attributes:
        effect: Its effect, as far as the line shows.
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
    """Return the effect of a change according to the fields of its line."""
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
        skipped, taken = _next_equal(first, here, second, there)
        runs = first[here : here + skipped[0]], second[there : there + skipped[1]]
        here, there = here + skipped[0], there + skipped[1]
        equal = first[here : here + taken[0]], second[there : there + taken[1]]
        here, there = here + taken[0], there + taken[1]
        if any(skipped):
            yield Difference(*runs, _may_be_combined(runs, before, equal))
        if max(taken) > 1:
            yield Difference(*equal, is_combined=True)
        before = equal


def _next_equal(
    first: Sequence[Change], here: int, second: Sequence[Change], there: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return how many changes of each log to skip to the next that come to the same, and how many these are."""
    rest = len(first) - here, len(second) - there
    for distance in range(min(sum(rest), _MOST_SKIPPED) + 1):
        for skip in range(distance + 1):
            skip_second = distance - skip
            if skip < rest[0] and skip_second < rest[1]:
                one, other = here + skip, there + skip_second
                taken = _equal(first, one, second, other)
                if taken == (1, 1):
                    skip += _surplus(first, one, second, other)  # noqa: PLW2901 - which of those that look alike
                    skip_second += _surplus(second, other, first, one)
                if taken:
                    return (skip, skip_second), taken
    return rest, (0, 0)


def _equal(first: Sequence[Change], here: int, second: Sequence[Change], there: int) -> tuple[int, int] | None:
    """Return how many changes of one log come to the next change of the other, which one of them is a single one."""
    one, other = first[here], second[there]
    if one.effect == other.effect:
        return 1, 1
    if taken := _combined_into(first, here, other):
        return taken, 1
    if taken := _combined_into(second, there, one):
        return 1, taken
    return None


def _combined_into(changes: Sequence[Change], here: int, single: Change) -> int:
    """Return how many changes from one place on come to a single one; 0 if none do."""
    effect: Effect | None = {}
    for at in range(here, min(len(changes), here + _MOST_ALIKE)):
        effect = _then(effect, changes[at]) if effect is not None else None
        if effect is None or changes[at].created - changes[here].created > LONGEST_COMBINED_SECONDS:
            return 0
        if at > here and _is_same(effect, single.effect):
            return at + 1 - here
    return 0


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
    """Return whether the changes of both logs come to the same, perhaps together with the change before or after."""
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
    return one is not None and other is not None and _is_same(one, other)


def _is_same(one: Effect, other: Effect) -> bool:
    # An attribute that is as long as before may be what it was before: then the other log does not name it.
    either = one | other
    return all(
        one[name] == other[name] if name in one and name in other else either[name][0] == either[name][1]
        for name in either
    )


def _combined(changes: Sequence[Change]) -> Effect | None:
    """Return the combined effect of changes; None if one is missing between them."""
    effect: Effect | None = {}
    for change in changes:
        effect = _then(effect, change) if effect is not None else None
    return effect


def _then(effect: Effect, change: Change) -> Effect | None:
    """Return an effect with that of a further change; None if something is missing between them."""
    together = dict(effect)
    for name, (before, after) in change.effect.items():
        first, last = effect.get(name, (before, before))
        if last != before:
            return None
        together[name] = (first, after)
    return together
