"""Results that the page shows together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.evidence.grouped import grouped
from secure_ddb.evidence.severities import severity_rank
from secure_ddb.evidence.standing import count, rank, standing_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.evidence.model import Result
    from secure_ddb.evidence.standing import Standing


class Results(tuple[tuple[int, "Result"], ...]):
    """Results that are shown together, each with its position in the evidence, which names its row in the page."""

    __slots__ = ()

    @property
    def first(self) -> Result:
        """The first result."""
        return self[0][1]

    @property
    def counts(self) -> dict[Standing, int]:
        """The number of results of each standing, the worst first."""
        return count(standing_of(result) for _, result in self)

    @property
    def rules(self) -> list[str]:
        """The rules, each once."""
        return list(dict.fromkeys(result.rule for _, result in self))

    @property
    def by_detail(self) -> dict[str, Results]:
        """The results of each detail."""
        return self.by(lambda result: result.detail)

    @property
    def by_resource(self) -> dict[tuple[str, str, str], Results]:
        """The results of each resource."""
        return self.by(lambda result: (result.stack, result.template, result.logical_id or result.construct))

    @property
    def by_rule(self) -> list[Results]:
        """The results of each rule, the most severe first."""
        groups = self.by(lambda result: (result.pack, result.rule, result.severity))
        return sorted(groups.values(), key=lambda results: severity_rank(results.first.severity))

    @property
    def worst_first(self) -> Results:
        """The results by standing, otherwise in their order."""
        return Results(sorted(self, key=lambda one: rank(standing_of(one[1]))))

    def by(self, key_of: Callable[[Result], Any]) -> dict[Any, Results]:
        """Group results by a key, in the order in which keys occur."""
        return {key: Results(group) for key, group in grouped(self, lambda one: key_of(one[1])).items()}
