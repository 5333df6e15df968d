"""What is open, by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import Status

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence, Result

_SEVERITIES = ("critical", "high", "error", "medium", "warning", "low", "info")
_OPEN = (Status.NOT_MET, Status.NOT_VERIFIABLE)


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """A rule and where it is not met, or where nobody can tell."""

    status: Status
    first: Result
    results: tuple[tuple[int, Result], ...]


def findings_of(evidence: Evidence) -> tuple[RuleView, ...]:
    """Return the open results by rule: first what is not met, and of that the most severe."""
    groups: dict[tuple[Status, str, str, str], list[tuple[int, Result]]] = {}
    for position, result in enumerate(evidence.results):
        if result.status in _OPEN:
            rule = (result.status, result.pack, result.rule, result.severity)
            groups.setdefault(rule, []).append((position, result))
    views = [
        RuleView(status=status, first=results[0][1], results=tuple(results)) for (status, *_), results in groups.items()
    ]
    return tuple(sorted(views, key=lambda view: (_OPEN.index(view.status), _severity(view.first.severity))))


def _severity(name: str) -> int:
    return _SEVERITIES.index(name) if name in _SEVERITIES else len(_SEVERITIES)
