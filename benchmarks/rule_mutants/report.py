"""The score in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.rule_mutants.harmless import HARMLESS
from benchmarks.rule_mutants.kinds import Kind
from benchmarks.rule_mutants.score import count
from benchmarks.rule_mutants.survivors import SURVIVORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.rule_mutants.run import Result
    from benchmarks.rule_mutants.score import Count, Explained

# The goal that the project has set itself.
LEAST_SCORE = 0.97


def report(results: Mapping[str, Sequence[Result]], explained: Explained) -> Iterator[str]:
    """Yield the lines of the report: templates, kinds, harmless classes, survivors, and the score."""
    every = [each for some in results.values() for each in some]
    yield _heading("template", "")
    yield from (_row(name, count(some)) for name, some in results.items())
    yield ""
    yield _heading("kind of weakening", "why it is one")
    for kind in Kind:
        counted = count(each for each in every if each.kind is kind)
        yield f"{_row(kind.title, counted)}  {kind.why}"
    yield "\nHarmless, each judged all the same:"
    for pattern, names in explained.harmless.items():
        yield f"{len(names):5}  {HARMLESS[pattern]}\n         {pattern}"
    yield "\nSurvivors:"
    for pattern, names in explained.survivors.items():
        yield f"{len(names):5}  {SURVIVORS[pattern]}"
        yield from (f"         {name}" for name in names)
    yield ""
    yield from (f"unexplained: {name}" for name in explained.unexplained)
    yield from (f"harmless, but found: {name}" for name in explained.found_though_harmless)
    yield from _summary(count(every))


def _summary(total: Count) -> Iterator[str]:
    yield _heading("", "")
    yield _row("all", total)
    met = "met" if total.score >= LEAST_SCORE else "NOT met"
    yield f"  {met:<9}score at least {LEAST_SCORE:.0%}: {total.score:.1%}"


def _heading(first: str, last: str) -> str:
    return f"{first:<32}{'harmless':>10}{'weaker':>10}{'found':>10}{'score':>10}  {last}".rstrip()


def _row(name: str, counted: Count) -> str:
    return f"{name:<32}{counted.harmless:>10}{counted.weaker:>10}{counted.found:>10}{counted.score:>10.1%}"
