"""Termination protection of stacks, which stands in the manifest of a cloud assembly and in no template."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, manual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.template import Template
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table


@Rule(
    id="SecureDdb-OPS7",
    title="Stacks with tables have termination protection",
    problem="A stack with tables has no termination protection",
    severity=Severity.LOW,
    requirements=("OPS-5",),
    controls=(*nist("CM-5"),),
    rationale=(
        "Deleting the stack leaves a retained table and its key behind, without audit function, alarms and event "
        "rules. The CDK CLI switches termination protection off on each deployment of a stack that does not set it."
    ),
    remedy="Set termination_protection=True for the stack, or show who can delete it.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html",
)
def termination_protection(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each stack of a cloud assembly with tables, nested ones too. A standalone template yields nothing."""
    stacks: dict[Template, list[Table]] = {}
    # A stack of ephemeral tables only is there to be deleted.
    for table in (each for each in assembly.tables if not each.ephemeral):
        stacks.setdefault(_outermost(cast("Template", table.resource.template)), []).append(table)
    for stack, tables in stacks.items():
        if stack.termination_protection is not None:
            first = tables[0].resource
            if stack.termination_protection:
                yield judged(first, "", True, "its stack has termination protection", tables=tables)
            else:
                yield manual(
                    first, "", "its stack has no termination protection: show who can delete it", tables=tables
                )


def _outermost(template: Template) -> Template:
    return template if template.parent is None else _outermost(template.parent)
