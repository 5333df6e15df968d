"""Judging templates: the one entry for the plugin, reports and the command line."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.errors import shown
from secure_ddb.judging.certain import OutcomeJudgements, certain
from secure_ddb.judging.choices import Choices, Outcome
from secure_ddb.judging.conditional import cases, confirmed
from secure_ddb.judging.gc_pause import without_garbage_collection
from secure_ddb.judging.readable import Readable
from secure_ddb.rules.pack import RULES
from secure_ddb.rules.rule import Judgement, Rule, Verdict
from secure_ddb.rules.waivers import superfluous
from secure_ddb.waivers.stated_waiver import StatedWaiver

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.landscape.assembly import Acknowledged, Assembly
    from secure_ddb.landscape.table import Table

PACK = "SecureDdb"


class RuleError(Exception):
    """A rule raised an exception, or yielded something other than a judgement."""


class Judged(NamedTuple):
    """A rule and its result for a resource."""

    rule: Rule
    judgement: Judgement


@without_garbage_collection()
def judge(assembly: Assembly, rules: Sequence[Rule] = RULES) -> list[Judged]:
    """Return the rules' results for the templates, with waivers applied.

    A waiver changes only results that are not met; an expired one changes nothing.
    """
    acknowledgments = _Acknowledgments(assembly)
    judged = []
    used: set[object] = set()
    base = Outcome(assembly, cases(assembly))
    choices = Choices(assembly)
    for rule in rules:
        for judgement in _certain(rule, base, choices):
            if judgement.verdict is Verdict.MET:
                judged.append(Judged(rule, judgement))
                continue
            waived = acknowledgments.applied(rule, judgement, used)
            if waived.verdict is Verdict.NOT_MET:
                waived = _waived_by_tables(rule, waived, assembly, used)
            judged.append(Judged(rule, waived))
    known = {rule.id: rule for rule in rules}
    served = {row for rule in rules for row in rule.requirements}
    judged += [Judged(known[name], each) for name, each in superfluous(assembly, used, served) if name in known]
    readable = Readable(assembly.templates)
    return [Judged(rule, each._replace(detail=readable.write(each.detail))) for rule, each in judged]


def _certain(rule: Rule, base: Outcome, choices: Choices) -> list[Judgement]:
    """Return a rule's results for all outcomes that the templates leave open."""
    judgements = _confirmed(rule, base)
    settled: set[object] = set()
    for possible in choices.outcomes:
        outcomes = [OutcomeJudgements(each.assembly, _confirmed(rule, each)) for each in possible]
        judgements = list(certain(judgements, outcomes, settled))
    return judgements


def _confirmed(rule: Rule, outcome: Outcome) -> list[Judgement]:
    judgements = _judgements(rule, outcome.assembly)
    for case in outcome.cases:
        judgements = confirmed(judgements, _judgements(rule, case.assembly), case)
    return list(judgements)


def _judgements(rule: Rule, assembly: Assembly) -> Iterable[Judgement]:
    judgements = _asked(rule, assembly)
    # The rule's run reveals what is uncertain.
    return [_unless_uncertain(each, assembly) for each in judgements] if assembly.policies.uncertain else judgements


def _asked(rule: Rule, assembly: Assembly) -> list[Judgement]:
    """Run a rule of any author.

    Raises:
        RuleError: It broke down; the message names it.
    """
    try:
        judgements = list(rule.check(assembly))
    except Exception as error:
        raise RuleError(f"rule {rule.id} broke down: {type(error).__name__}: {error}") from error
    wrong = next((each for each in judgements if not isinstance(each, Judgement)), None)
    if wrong is not None:
        raise RuleError(f"rule {rule.id} yielded {shown(wrong)}; allowed: what judged(...) and the like return")
    return judgements


def _unless_uncertain(judgement: Judgement, assembly: Assembly) -> Judgement:
    """Downgrade a judgement of a statement whose actions are not known yet to NOT_VERIFIABLE."""
    statement = assembly.policies.uncertain.get((judgement.resource, judgement.path))
    if statement is None or not (statement.is_open or judgement.verdict is Verdict.MET):
        return judgement
    detail = f"what {statement.label} does is known only at deployment"
    return judgement._replace(verdict=Verdict.NOT_VERIFIABLE, detail=detail)


def _waived_by_tables(rule: Rule, judgement: Judgement, assembly: Assembly, used: set[object]) -> Judgement:
    """Waive a result if every table concerned has the waiver."""
    waivers = [_waiver(rule, table, assembly, used) for table in judgement.tables]
    if not waivers or None in waivers:
        return judgement
    return judgement._replace(verdict=Verdict.WAIVED, waivers=tuple(dict.fromkeys(filter(None, waivers))))


def _waiver(rule: Rule, table: Table, assembly: Assembly, used: set[object]) -> StatedWaiver | None:
    for waiver in table.waivers:
        if waiver.covers(rule.id, rule.requirements):
            used.add((table.resource, waiver.guarantee))
            if waiver.holds_on(assembly.today):
                return waiver.waiver
    return StatedWaiver(f"ephemeral: {table.ephemeral}") if rule.skip_ephemeral and table.ephemeral else None


class _Acknowledgments:
    """Acknowledgements in CDK, matched as CDK does: by the exact id, on the construct or its parents."""

    def __init__(self, assembly: Assembly) -> None:
        self._paths = assembly.paths
        self._today = assembly.today
        self._by_id: defaultdict[str, dict[str, Acknowledged]] = defaultdict(dict)
        for each in assembly.acknowledged:
            self._by_id[each.id][each.construct] = each

    def applied(self, rule: Rule, judgement: Judgement, used: set[object]) -> Judgement:
        if judgement.resource is None or not self._by_id:
            return judgement
        resource = judgement.resource
        path = self._paths.get((resource.template.file, resource.logical_id), "")
        for name in _names(rule, judgement):
            found = self._around(path, self._by_id.get(name, {}))
            if found:
                used.add(found)
                end = found.waiver.expires
                holds = judgement.verdict is Verdict.NOT_MET and (end is None or end >= self._today)
                verdict = Verdict.WAIVED if holds else judgement.verdict
                return judgement._replace(
                    verdict=verdict, waivers=(found.waiver,), acknowledgment=name, construct=found.construct
                )
        return judgement

    @staticmethod
    def _around(path: str, on: dict[str, Acknowledged]) -> Acknowledged | None:
        while path:
            if path in on:
                return on[path]
            path = path.rpartition("/")[0]
        return on.get("")


def _names(rule: Rule, judgement: Judgement) -> Iterable[str]:
    """Return how a finding may be acknowledged: by itself, or with all others of the rule on the resource."""
    name = f"{PACK}::{rule.id}"
    return (f"{name}[{judgement.key}]", name) if judgement.key else (name,)
