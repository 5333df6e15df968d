"""Stacks are within CloudFormation's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_MOST_RESOURCES = 500
# AWS writes 1 MB, which is either of these.
_SURELY_ACCEPTED = 1_000_000
_SURELY_REFUSED = 1024 * 1024


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Count the resources of each stack that has tables, and the bytes of its template."""
    for template in assembly.templates:
        there = [table for table in assembly.tables if table.resource.template is template]
        if not there:
            continue
        first = there[0].resource
        resources = template.declared
        detail = f"its stack has {resources} resources of at most {_MOST_RESOURCES}"
        yield judged(first, "Properties", resources <= _MOST_RESOURCES, detail, key="resources", tables=there)
        size = template.size
        yield judged(first, "Properties", _fits(size), f"its template has {size:,} bytes", key="size", tables=there)


def _fits(size: int) -> Truth:
    if size <= _SURELY_ACCEPTED:
        return True
    return False if size > _SURELY_REFUSED else None


RULE = Rule(
    id="SecureDdb-OPS5",
    title="Stacks are no larger than CloudFormation accepts",
    severity=Severity.MEDIUM,
    requirements=("ADO-1",),
    controls=("NIST.800-53.r5 CP-2(2)",),
    explanation="CloudFormation refuses a template with more than 500 resources, or of more than 1 MB, as a whole.",
    remedy=(
        "Spread tables over several stacks. For a template that is only too long, set suppress_template_indentation of "
        "the stack."
    ),
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
    check=check,
)
