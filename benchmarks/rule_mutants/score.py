"""What the results of many mutants say together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.rule_mutants.harmless import HARMLESS
from benchmarks.rule_mutants.patterns import first_matching
from benchmarks.rule_mutants.survivors import SURVIVORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from benchmarks.rule_mutants.run import Result


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many mutants there are.

    Attributes:
        harmless: Those after which nothing is weaker. They do not count.
        weaker: All others.
        found: Those of the others that a rule finds.
    """

    harmless: int
    weaker: int
    found: int

    @property
    def score(self) -> float:
        """The part that is found."""
        return self.found / self.weaker if self.weaker else 0.0


def count(results: Iterable[Result]) -> Count:
    """Count mutants."""
    every = list(results)
    weaker = [each for each in every if not each.harmless]
    found = sum(bool(each.found_by) for each in weaker)
    return Count(harmless=len(every) - len(weaker), weaker=len(weaker), found=found)


class Explained:
    """Which reason belongs to which mutant, and which of both is left over.

    Attributes:
        harmless: Pattern of a harmless class to its mutants.
        survivors: Pattern of a reason to the survivors that have it.
        unexplained: Survivors without a reason.
        found_though_harmless: Mutants that a rule finds although they are said to be harmless.
    """

    def __init__(self, results: Iterable[Result], reasons: Mapping[str, str] = SURVIVORS) -> None:
        """Sort results by reason."""
        self._reasons = reasons
        self.harmless: defaultdict[str, list[str]] = defaultdict(list)
        self.survivors: defaultdict[str, list[str]] = defaultdict(list)
        self.found_though_harmless: list[str] = []
        for each in results:
            if each.harmless:
                self.harmless[each.harmless].append(each.mutant)
                if each.found_by:
                    self.found_though_harmless.append(f"{each.mutant}, by {', '.join(each.found_by)}")
            elif not each.found_by:
                self.survivors[first_matching(reasons, each.mutant)].append(each.mutant)
        self.unexplained = self.survivors.pop("", [])

    @property
    def stale(self) -> list[str]:
        """Patterns that no mutant matches any more."""
        harmless = [pattern for pattern in HARMLESS if pattern not in self.harmless]
        return harmless + [pattern for pattern in self._reasons if pattern not in self.survivors]
