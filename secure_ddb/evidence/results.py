"""The verdicts of our rules, as results."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.unread_parts import unread_parts
from secure_ddb.evidence.library import library_version
from secure_ddb.evidence.model import PackFacts, Result, Status
from secure_ddb.evidence.waivers import waived_by
from secure_ddb.judging.judge import PACK
from secure_ddb.rules.pack import RULES
from secure_ddb.rules.rule import Verdict
from secure_ddb.waivers.accepted_findings import is_accepted_by_design

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from secure_ddb.evidence.places import Places
    from secure_ddb.judging.judge import Judged
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.rules.rule import Rule

_NUMBER = re.compile(r"(\d+)")


def result_of(judged: Judged, places: Places) -> Result:
    """Return the verdict of a rule on a resource."""
    rule, judgement = judged
    place = places.of_resource(judgement.resource) if judgement.resource else places.of_construct(judgement.construct)
    if judgement.tables:
        place = replace(place, tables=tuple(map(places.table_id, judgement.tables)))
    waived = judgement.verdict is Verdict.WAIVED
    acknowledged_at = judgement.construct if judgement.acknowledgment else ""
    accepted = all(is_accepted_by_design(f"{PACK}::{rule.id}", waiver.reason) for waiver in judgement.waivers)
    return Result(
        pack=PACK,
        rule=rule.id,
        status=Status(judgement.verdict.value),
        title=rule.headline(judgement.verdict),
        severity=rule.severity.value,
        detail=judgement.detail,
        key=judgement.key,
        property_path=judgement.path,
        requirements=rule.requirements,
        controls=rule.controls,
        remedy=rule.remedy,
        source=rule.source,
        waived_by=waived_by(judgement.waivers, acknowledged_at) if waived else None,
        by_design=waived and accepted and places.is_part_of_table(acknowledged_at),
        **vars(place),
    )


def our_pack(judged: Iterable[Judged], rules: Sequence[Rule] = RULES) -> PackFacts:
    """Return our rules as a pack, with those that had nothing to check."""
    checked = {rule.id for rule, _ in judged}
    return PackFacts(
        name=PACK,
        version=library_version(),
        rules=len(rules),
        not_applicable=tuple(sorted((rule.id for rule in rules if rule.id not in checked), key=_natural)),
    )


def not_judged(assembly: Assembly, places: Places) -> Iterator[str]:
    """Yield a sentence for each part of the templates that the rules cannot judge, with its file."""
    for template in assembly.templates:
        for part in unread_parts(template):
            yield f"{places.file_of(template)}: not judged: {part}"


def in_order(results: Iterable[Result]) -> tuple[Result, ...]:
    """Sort results by place, then by pack and rule; those in no stack come last."""
    return tuple(sorted(results, key=_order))


def _order(result: Result) -> tuple[object, ...]:
    place = (not result.stack, result.stack, result.template, result.construct, result.logical_id)
    return (*place, result.pack, _natural(result.rule), result.key, result.property_path, result.detail)


@cache
def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts `ENC2` before `ENC10`."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in _NUMBER.split(name))
