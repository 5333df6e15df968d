"""The resources that an update from one synth to another would replace, refuse or lose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.kinds import GLOBAL_TABLE
from secure_ddb.planning.model import Effect, Plan
from secure_ddb.planning.names import taken_names
from secure_ddb.planning.notes import notes_of
from secure_ddb.planning.pairs import Pairs
from secure_ddb.planning.refusals import refusals, refusals_of_new
from secure_ddb.planning.removal import changed_types, removed
from secure_ddb.planning.replacement import finding_of, replacements
from secure_ddb.planning.table_keys import other_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.template import Template
    from secure_ddb.planning.model import Finding
    from secure_ddb.planning.replacement import Replacement

_ORDER = list(Effect)


def plan(old: Sequence[Template], new: Sequence[Template]) -> Plan:
    """Compare two synths.

    Args:
        old: The templates as they are deployed, of outermost stacks.
        new: The templates to deploy.
    """
    pairs = Pairs(old, new)
    replaced = replacements(pairs)
    findings = sorted(_findings(pairs, replaced), key=_rank)
    return Plan(
        findings=tuple(findings),
        notes=tuple(dict.fromkeys(notes_of(pairs, replaced))),
        compared=sum(None not in pair for pair in pairs.pairs),
    )


def _findings(pairs: Pairs, replaced: Sequence[Replacement]) -> Iterator[Finding]:
    for each in replaced:
        finding = finding_of(each)
        if finding is not None:
            yield finding
    yield from other_keys(pairs)
    taken = taken_names(pairs)
    for _, finding in taken:
        yield finding
    # If a resource only gets another logical id, the stack's update fails as a whole, and nothing is deleted.
    renamed = [holder for holder, finding in taken if finding.certain and finding.stack == holder.template.name]
    for pair in pairs.pairs:
        yield from changed_types(pair)
        yield from removed(pair, renamed)
        for before, after in pair.both():
            yield from refusals(before, after)
    known = {after for pair in pairs.pairs for _, after in pair.both()}
    for table in pairs.after.of_type(GLOBAL_TABLE):
        if table not in known:
            yield from refusals_of_new(table)


def _rank(finding: Finding) -> tuple[int, bool, str, str]:
    return _ORDER.index(finding.effect), not finding.certain, finding.stack, finding.logical_id
