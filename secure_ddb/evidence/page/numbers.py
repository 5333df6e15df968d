"""Numbers by which the filters choose. Rows carry these instead of names, which keeps large pages small."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.evidence.model import Evidence, Result, TableFacts
    from secure_ddb.evidence.page.results import Results


class Numbers:
    """Numbers of rules, catalogues, stacks and tables.

    Attributes:
        catalogues: Names of the catalogues, in the order of the controls.
        rules: Pack, severity and catalogues of each rule, for the page's script.
        stacks: Numbers of the stacks.
        tables: Numbers of the tables.
    """

    def __init__(self, evidence: Evidence) -> None:
        """Number everything in the evidence."""
        self.catalogues = tuple(dict.fromkeys(control.catalogue for control in evidence.controls))
        self.stacks = {stack.name: number for number, stack in enumerate(evidence.stacks)}
        self.tables = {table.id: number for number, table in enumerate(evidence.tables)}
        self._rules: dict[tuple[str, str, str], int] = {}
        self.rules: list[dict[str, Any]] = []
        serves: defaultdict[int, set[int]] = defaultdict(set)
        for control in evidence.controls:
            for position in control.results:
                serves[position].add(self.catalogues.index(control.catalogue))
        for position, result in enumerate(evidence.results):
            number = self._rules.setdefault(_rule(result), len(self._rules))
            if number == len(self.rules):
                self.rules.append({"pack": result.pack, "severity": result.severity, "catalogues": set()})
            self.rules[number]["catalogues"] |= serves[position]
        for rule in self.rules:
            rule["catalogues"] = sorted(rule["catalogues"])

    def of_rules(self, results: Results) -> str:
        """Return the numbers of the rules of results."""
        return " ".join(map(str, sorted({self._rules[_rule(result)] for _, result in results})))

    def of_places(self, results: Results, tables: Iterable[TableFacts] = ()) -> str:
        """Return the numbers of the stacks and tables of results, and of further tables."""
        stacks = {result.stack for _, result in results} | {table.stack for table in tables}
        ids = {table for _, result in results for table in result.tables} | {table.id for table in tables}
        places = [f"s{self.stacks[stack]}" for stack in stacks if stack in self.stacks]
        places += [f"t{self.tables[table]}" for table in ids if table in self.tables]
        return " ".join(sorted(places))


def _rule(result: Result) -> tuple[str, str, str]:
    return result.pack, result.rule, result.severity
