"""The status of each control, given the results."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import ControlFacts, Status
from secure_ddb.table_evidence import KEY_MATERIAL, MFA, READS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.evidence.catalogue.load import Catalogue, Control
    from secure_ddb.evidence.model import Result, TableFacts

# Claims, to the rules that cannot verify them. A claim is shown with the controls that its rule serves.
_CLAIMS = {KEY_MATERIAL: "SecureDdb-ENC14", MFA: "SecureDdb-IAM6", READS: "SecureDdb-AUD16"}
_WORST_FIRST = tuple(Status)


def controls_of(
    catalogues: Sequence[Catalogue], results: Sequence[Result], tables: Sequence[TableFacts]
) -> tuple[ControlFacts, ...]:
    """Return how each control stands."""
    by_rule: defaultdict[str, list[int]] = defaultdict(list)
    for position, result in enumerate(results):
        by_rule[result.rule].append(position)
    return tuple(
        _facts(f"{catalogue.name} {catalogue.version}".strip(), control, by_rule, results, tables)
        for catalogue in catalogues
        for control in catalogue.controls
    )


def _facts(
    catalogue: str,
    control: Control,
    by_rule: dict[str, list[int]],
    results: Sequence[Result],
    tables: Sequence[TableFacts],
) -> ControlFacts:
    rules = (*control.rules, *control.cdk_nag)
    found = [
        position
        for position in sorted({position for rule in rules for position in by_rule.get(rule, ())})
        if _is_about(control, results[position])
    ]
    return ControlFacts(
        catalogue=catalogue,
        id=control.id,
        title=control.title,
        status=status_of([results[position].status for position in found], manual=bool(control.manual)),
        rules=rules,
        manual=control.manual,
        results=tuple(found),
        claims=tuple(_claims(control, tables)),
        source=control.source,
    )


def _is_about(control: Control, result: Result) -> bool:
    """Return whether a result is on a type that the control is about. A rule of cdk-nag looks at few types itself."""
    return (
        not control.resource_types or result.rule in control.cdk_nag or result.resource_type in control.resource_types
    )


def status_of(statuses: Sequence[Status], *, manual: bool) -> Status:
    """Return the worst of several; of nothing that was looked at, not applicable.

    cdk-nag reports only violations and waivers, so its silence does not mean that a control is met.
    """
    remaining = [Status.MANUAL] if manual else [Status.NOT_APPLICABLE]
    return min([*statuses, *remaining], key=_WORST_FIRST.index)


def _claims(control: Control, tables: Sequence[TableFacts]) -> Iterator[str]:
    for table in tables:
        for argument, claim in table.claims.items():
            if _CLAIMS.get(argument) in control.rules:
                yield f"{table.id}: {argument}: {claim}"
