"""Numbers for what the filters choose by. Rows carry these instead of names, which keeps large pages small."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from secure_ddb.evidence.standing import rank, standing_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.evidence.model import Evidence, Result, TableFacts


class Numbers:
    """Numbers of rules, catalogues, stacks and tables.

    Attributes:
        catalogues: Names of the catalogues, in the order of the controls.
        rules: What the page's script has to know of each rule.
        stacks: Numbers of the stacks.
        tables: Numbers of the tables.
    """

    def __init__(self, evidence: Evidence) -> None:
        """Number all that is in the evidence."""
        self.catalogues = tuple(dict.fromkeys(control.catalogue for control in evidence.controls))
        self.stacks = {stack.name: number for number, stack in enumerate(evidence.stacks)}
        self.tables = {table.id: number for number, table in enumerate(evidence.tables)}
        self._rules: dict[tuple[str, str, str], int] = {}
        self.rules: list[dict[str, Any]] = []
        serves = self._catalogues_of_results(evidence)
        for position, result in enumerate(evidence.results):
            number = self._rules.setdefault(_rule(result), len(self._rules))
            if number == len(self.rules):
                self.rules.append({"pack": result.pack, "severity": result.severity, "catalogues": set()})
            self.rules[number]["catalogues"] |= serves[position]
        for rule in self.rules:
            rule["catalogues"] = sorted(rule["catalogues"])

    def _catalogues_of_results(self, evidence: Evidence) -> dict[int, set[int]]:
        numbers = {name: number for number, name in enumerate(self.catalogues)}
        serves: dict[int, set[int]] = defaultdict(set)
        for control in evidence.controls:
            for position in control.results:
                serves[position].add(numbers[control.catalogue])
        return serves

    def of_rules(self, results: Iterable[Result]) -> str:
        """Return the numbers of the rules that results are of."""
        return _joined({self._rules[_rule(result)] for result in results})

    def of_places(self, results: Iterable[Result]) -> str:
        """Return the numbers of the stacks and tables that results are about."""
        places = set()
        for result in results:
            places |= {f"s{self.stacks[stack]}" for stack in [result.stack] if stack in self.stacks}
            places |= {f"t{self.tables[table]}" for table in result.tables if table in self.tables}
        return " ".join(sorted(places))

    def of_table(self, table: TableFacts) -> str:
        """Return the numbers of a table and of its stack."""
        stack = [f"s{self.stacks[table.stack]}"] if table.stack in self.stacks else []
        return " ".join([*stack, f"t{self.tables[table.id]}"])


def worst_first(results: Iterable[tuple[int, Result]]) -> list[tuple[int, Result]]:
    """Sort numbered results by how they stand and otherwise leave their order."""
    return sorted(results, key=lambda one: rank(standing_of(one[1])))


def numbered(positions: Iterable[int], results: Sequence[Result]) -> list[tuple[int, Result]]:
    """Return the results at positions, with these."""
    return [(position, results[position]) for position in positions]


def _rule(result: Result) -> tuple[str, str, str]:
    return result.pack, result.rule, result.severity


def _joined(numbers: Iterable[int]) -> str:
    return " ".join(map(str, sorted(numbers)))
