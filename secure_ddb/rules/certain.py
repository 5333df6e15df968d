"""Verdicts that are certain because a rule says the same of every outcome of a choice."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.rules.rule import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.rule import Judgement

# Where rules put what belongs to no single property.
_WHOLE = "Properties"
_MOST_DETAILS = 3
_WORST_FIRST = (Verdict.NOT_MET, Verdict.NOT_VERIFIABLE, Verdict.MET)


class Said(NamedTuple):
    """What a rule says of an outcome.

    Attributes:
        assembly: The templates of the outcome.
        judgements: What the rule says of them.
    """

    assembly: Assembly
    judgements: Sequence[Judgement]


def certain(said: Iterable[Judgement], outcomes: Sequence[Said]) -> Iterator[Judgement]:
    """Yield what a rule says, with the verdict that it has in every outcome in place of *not verifiable*.

    Where it says nothing of a place in any outcome, it says nothing.

    Args:
        said: What the rule says while the choice is open.
        outcomes: What it says of each outcome.
    """
    said = list(said)
    known: set[object] = {(_place(each), each.path, each.key) for each in said}
    by_place = [_by_place(outcome) for outcome in outcomes]
    for judgement in said:
        if judgement.verdict is not Verdict.NOT_VERIFIABLE or judgement.resource is None:
            yield judgement
            continue
        place = _place(judgement)
        found = [
            _about(judgement, there.get(place, ()), known)
            for outcome, there in zip(outcomes, by_place, strict=True)
            if _is_there(judgement, outcome)
        ]
        yield from _agreed(judgement, found)


def _agreed(judgement: Judgement, found: Sequence[Sequence[Judgement]]) -> Iterator[Judgement]:
    """Yield a judgement as it is in all outcomes, or nothing if there is none in any of them."""
    worst = [min(each, key=lambda one: _WORST_FIRST.index(one.verdict)) if each else None for each in found]
    verdicts = {one.verdict if one else None for one in worst}
    if found and verdicts == {None}:
        return
    # What is not there in some outcomes is not bad in all of them.
    verdict = Verdict.NOT_MET if verdicts == {Verdict.NOT_MET} else Verdict.MET
    if verdicts - {None} == {verdict}:
        details = list(dict.fromkeys(one.detail for one in worst if one))
        yield judgement._replace(verdict=verdict, detail=" or ".join(details[:_MOST_DETAILS]))
    else:
        yield judgement


def _by_place(outcome: Said) -> dict[object, list[Judgement]]:
    found: defaultdict[object, list[Judgement]] = defaultdict(list)
    for each in outcome.judgements:
        found[_place(each)].append(each)
    return found


def _about(judgement: Judgement, there: Iterable[Judgement], known: set[object]) -> list[Judgement]:
    """Return what is said of the same place, or of one inside or around it that nothing was said of before."""
    place = _place(judgement)
    same = [each for each in there if (each.path, each.key) == (judgement.path, judgement.key)]
    new = [each for each in there if (place, each.path, each.key) not in known]
    inside = [each for each in new if _is_inside(each.path, judgement.path) and judgement.path != _WHOLE]
    by_key = [each for each in new if each.key == judgement.key and _touch(each.path, judgement.path)]
    if same or by_key:
        return [*same, *by_key, *inside]
    return [each for each in new if _WHOLE not in (each.path, judgement.path) and _touch(each.path, judgement.path)]


def _touch(path: str, other: str) -> bool:
    return path == other or _is_inside(path, other) or _is_inside(other, path)


def _is_inside(path: str, other: str) -> bool:
    return path.startswith(f"{other}.")


def _is_there(judgement: Judgement, outcome: Said) -> bool:
    return any(
        template.name == judgement.resource.template.name and judgement.resource.logical_id in template.resources
        for template in outcome.assembly.templates
        if judgement.resource
    )


def _place(judgement: Judgement) -> object:
    resource = judgement.resource
    return (resource.template.name, resource.logical_id) if resource else None
