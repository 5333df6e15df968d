"""Verdicts of rules over every outcome of a choice that a template leaves open."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.rules.rule import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.rules.rule import Judgement

# Where rules put what belongs to no single property.
_WHOLE = "Properties"
_MOST_DETAILS = 3
_WORST_FIRST = (Verdict.NOT_MET, Verdict.NOT_VERIFIABLE, Verdict.MANUAL, Verdict.MET)
_HARMLESS = (Verdict.MET, Verdict.MANUAL)


class OutcomeJudgements(NamedTuple):
    """The findings of a rule for the templates of an outcome."""

    assembly: Assembly
    judgements: Sequence[Judgement]


def certain(
    judgements: Iterable[Judgement], outcomes: Sequence[OutcomeJudgements], settled: set[object]
) -> Iterator[Judgement]:
    """Yield a rule's findings while a choice is open, with the verdict of the outcomes.

    The verdict of all outcomes is certain. Where they differ, it is *not verifiable*. What is not met or not verifiable
    while the choice is open, and of which no outcome says anything, is left out. What outcomes say of resources that
    only a choice leads to, such as one of two keys, comes last. What is decided is added to `settled`, so that no
    other choice changes it.
    """
    judgements = list(judgements)
    known: set[object] = {_identity(each) for each in judgements}
    by_place = [_by_place(outcome) for outcome in outcomes]
    bad = Counter(_place(each) for each in judgements if each.verdict is Verdict.NOT_MET)
    for judgement in judgements:
        if judgement.resource is None or _identity(judgement) in settled:
            yield judgement
            continue
        place = _place(judgement)
        worst = [
            _worst(judgement, there.get(place, ()), known, bad[place])
            for outcome, there in zip(outcomes, by_place, strict=True)
            if _is_there(judgement, outcome)
        ]
        yield from _agreed(judgement, worst, settled)
    places = {_place(each) for each in judgements}
    yield from _of_chosen(
        [[each for each in outcome.judgements if _place(each) not in places] for outcome in outcomes], settled
    )


def _of_chosen(outcomes: Sequence[Sequence[Judgement]], settled: set[object]) -> Iterator[Judgement]:
    """Yield the outcomes' findings on resources that only a choice leads to.

    It is not met if something of the kind is not met whatever is chosen, although not at the same resource.
    """
    always_bad = all(any(each.verdict is Verdict.NOT_MET for each in judgements) for judgements in outcomes)
    found: defaultdict[object, list[Judgement]] = defaultdict(list)
    for each in chain.from_iterable(outcomes):
        found[_identity(each)].append(each)
    for identity, judgements in found.items():
        worst = min(judgements, key=lambda one: _WORST_FIRST.index(one.verdict))
        if worst.verdict is Verdict.NOT_MET and not always_bad:
            worst = worst._replace(verdict=Verdict.NOT_VERIFIABLE)
        settled.add(identity)
        yield worst


def _worst(judgement: Judgement, there: Sequence[Judgement], known: set[object], bad: int) -> Judgement | None:
    """Return the worst finding on the same place in an outcome, or None."""
    if judgement.verdict is Verdict.NOT_MET and sum(each.verdict is Verdict.NOT_MET for each in there) >= bad:
        # As much is wrong as before, perhaps at another place: statements move up where one is left out.
        return judgement
    found = _about(judgement, there, known)
    return min(found, key=lambda one: _WORST_FIRST.index(one.verdict)) if found else None


def _agreed(judgement: Judgement, worst: Sequence[Judgement | None], settled: set[object]) -> Iterator[Judgement]:
    """Yield a judgement as it is in all outcomes, or nothing if it was not met and no outcome says anything of it."""
    verdicts = {one.verdict if one else None for one in worst}
    present = {one.verdict for one in worst if one}
    if not present:
        if judgement.verdict in _HARMLESS or not worst:
            yield judgement
        return
    agreed = len(present) == 1
    # Findings on an optional resource count; those that only some outcomes add do not.
    if present == {Verdict.NOT_MET} and verdicts != present:
        agreed = judgement.verdict is Verdict.NOT_MET
    verdict = next(iter(present)) if agreed else Verdict.NOT_VERIFIABLE
    if verdict is not judgement.verdict or present >= {Verdict.MET, Verdict.NOT_MET}:
        settled.add(_identity(judgement))
    if verdict is judgement.verdict and verdict is not Verdict.NOT_MET:
        yield judgement
        return
    details = list(dict.fromkeys(one.detail for one in worst if one))
    yield judgement._replace(verdict=verdict, detail=" or ".join(details[:_MOST_DETAILS]))


def _by_place(outcome: OutcomeJudgements) -> dict[object, list[Judgement]]:
    found: defaultdict[object, list[Judgement]] = defaultdict(list)
    for each in outcome.judgements:
        found[_place(each)].append(each)
    return found


def _about(judgement: Judgement, there: Iterable[Judgement], known: set[object]) -> list[Judgement]:
    """Return judgements on the same place, or on one inside or around it that had none before."""
    same = [each for each in there if (each.path, each.key) == (judgement.path, judgement.key)]
    new = [each for each in there if _identity(each) not in known]
    inside = [each for each in new if _is_inside(each.path, judgement.path) and judgement.path != _WHOLE]
    by_key = [each for each in new if each.key == judgement.key and _touch(each.path, judgement.path)]
    if same or by_key:
        return [*same, *by_key, *inside]
    return [each for each in new if _WHOLE not in (each.path, judgement.path) and _touch(each.path, judgement.path)]


def _touch(path: str, other: str) -> bool:
    return path == other or _is_inside(path, other) or _is_inside(other, path)


def _is_inside(path: str, other: str) -> bool:
    return path.startswith(f"{other}.")


def _is_there(judgement: Judgement, outcome: OutcomeJudgements) -> bool:
    return any(
        template.name == judgement.resource.template.name and judgement.resource.logical_id in template.resources
        for template in outcome.assembly.templates
        if judgement.resource
    )


def _identity(judgement: Judgement) -> object:
    return _place(judgement), judgement.path, judgement.key


def _place(judgement: Judgement) -> object:
    resource = judgement.resource
    return (resource.template.name, resource.logical_id) if resource else None
