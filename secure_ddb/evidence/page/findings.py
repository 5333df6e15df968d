"""Results by rule: what is open, what cannot be verified, and what people show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.evidence.severities import severity_rank
from secure_ddb.evidence.standing import standing_of

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence, Result
    from secure_ddb.evidence.standing import Standing

Numbered = tuple[int, "Result"]


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """A rule and its results of one standing."""

    first: Result
    results: tuple[Numbered, ...]

    @property
    def by_detail(self) -> dict[str, list[Numbered]]:
        """What was seen, and the results of which that is true."""
        found: dict[str, list[Numbered]] = {}
        for position, result in self.results:
            found.setdefault(result.detail, []).append((position, result))
        return found


def rules_with(standing: Standing, evidence: Evidence) -> tuple[RuleView, ...]:
    """Return the results of a standing by rule, the most severe first."""
    groups: dict[tuple[str, str, str], list[Numbered]] = {}
    for position, result in enumerate(evidence.results):
        if standing_of(result) is standing:
            groups.setdefault((result.pack, result.rule, result.severity), []).append((position, result))
    views = [RuleView(first=results[0][1], results=tuple(results)) for results in groups.values()]
    return tuple(sorted(views, key=lambda view: severity_rank(view.first.severity)))
