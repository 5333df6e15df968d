"""Whether the rules find a mutant: whether they say of anything that it got worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.rule_mutants.harmless import HARMLESS
from benchmarks.rule_mutants.mutator import mutants
from benchmarks.rule_mutants.patterns import first_matching
from secure_ddb.cloudformation.template import Template
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.pack import RULES
from secure_ddb.rules.rule import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.rule_mutants.kinds import Kind
    from benchmarks.rule_mutants.places import Body
    from secure_ddb.rules.rule import Rule

_BADNESS = {Verdict.NOT_VERIFIABLE: 1, Verdict.NOT_MET: 2}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a mutant.

    Attributes:
        mutant: Its name, after that of its template.
        kind: The kind of weakening.
        found_by: Ids of the rules that found it.
        harmless: The pattern of the class of harmless changes that it is in; empty if it is in none.
    """

    mutant: str
    kind: Kind
    found_by: tuple[str, ...]
    harmless: str


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A template and where it is deployed to."""

    body: Body
    stack_name: str
    account: str = ""
    region: str = "eu-central-1"


def run(name: str, deployed: Deployed, rules: Sequence[Rule] = RULES) -> list[Result]:
    """Weaken a template, which has a name, at every place and judge each weaker one."""
    before = _bad(deployed, deployed.body, rules)
    results = []
    for mutant in mutants(deployed.body):
        after = _bad(deployed, mutant.body, rules)
        worse = {rule for (rule, *where), badness in after.items() if badness > before.get((rule, *where), 0)}
        results.append(
            Result(
                mutant=f"{name}/{mutant.name}",
                kind=mutant.kind,
                found_by=tuple(sorted(worse)),
                harmless=first_matching(HARMLESS, f"{name}/{mutant.name}"),
            )
        )
    return results


def _bad(deployed: Deployed, body: Body, rules: Sequence[Rule]) -> dict[tuple[str, ...], int]:
    """Return what is not met or not verifiable: rule, resource and finding to how bad it is."""
    template = Template(
        name=deployed.stack_name,
        body=body,
        stack_name=deployed.stack_name,
        account=deployed.account,
        region=deployed.region,
    )
    found: dict[tuple[str, ...], int] = {}
    for rule, judgement in judge(Assembly([template]), rules):
        where = (rule.id, judgement.resource.logical_id if judgement.resource else "", judgement.key)
        found[where] = max(found.get(where, 0), _BADNESS.get(judgement.verdict, 0))
    return found
