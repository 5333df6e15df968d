"""Which mutants of policies a table of requests does not notice."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.policies.engine import Decision, Document, Policies, Request, first_changes
from tests.policies.mutants import mutants
from tests.template import as_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Case:
    """A request, the policies that it meets, and what has to be decided."""

    policies: Policies
    request: Request
    expected: Decision


@dataclass(frozen=True)
class Score:
    """How many mutants there are, and which of them no case noticed."""

    mutants: int
    survivors: tuple[str, ...]

    def __str__(self) -> str:
        """Return the score and, line by line, what survived."""
        noticed = self.mutants - len(self.survivors)
        return "\n".join([f"{noticed} of {self.mutants} mutants noticed", *self.survivors])


def score(cases: Sequence[Case], documents: Mapping[str, Document]) -> Score:
    """Return which mutants of some documents no case notices.

    Args:
        cases: Requests and what has to be decided.
        documents: Name to document; the cases' policies hold these very objects.

    Raises:
        ValueError: A case does not even hold for the documents as they are.
    """
    labels, groups = [], [[(case.policies, case.request, case.expected) for case in cases]]
    for name, document in documents.items():
        concerned = [case for case in cases if _uses(case.policies, document)]
        for label, mutant in mutants(document):
            labels.append(f"{name}: {label}")
            # Those that are likely to notice come first; the rest need not be decided then.
            noticed = _noticed_by(document, label)
            likely = sorted(
                concerned, key=lambda case: (case.request.action not in label, case.expected is not noticed)
            )
            groups.append([(_with(case.policies, document, mutant), case.request, case.expected) for case in likely])
    wrong, *changes = first_changes(groups)
    if wrong is not None:
        raise ValueError(f"not decided as expected: {cases[wrong]}")
    survivors = (label for label, change in zip(labels, changes, strict=True) if change is None)
    return Score(mutants=len(labels), survivors=tuple(survivors))


def _noticed_by(document: Document, label: str) -> Decision:
    """Return what was decided of the requests that are likely to notice a mutant."""
    place = re.match(r"Statement\[(\d+)\]", label)
    assert place, label
    if as_list(document["Statement"])[int(place[1])]["Effect"] == "Deny":
        return Decision.EXPLICITLY_DENIED
    # An Allow is either taken away or widened.
    return Decision.ALLOWED if re.fullmatch(r"[^.]*: removed", label) else Decision.IMPLICITLY_DENIED


def _uses(policies: Policies, document: Document) -> bool:
    alone = (policies.resource, policies.endpoint, policies.boundary)
    return any(one is document for one in (*policies.identity, *policies.service_control, *alone))


def _with(policies: Policies, document: Document, mutant: Document) -> Policies:
    def swapped(one: Document | None) -> Document | None:
        return mutant if one is document else one

    return replace(
        policies,
        identity=tuple(mutant if one is document else one for one in policies.identity),
        service_control=tuple(mutant if one is document else one for one in policies.service_control),
        resource=swapped(policies.resource),
        endpoint=swapped(policies.endpoint),
        boundary=swapped(policies.boundary),
    )
