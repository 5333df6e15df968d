"""A stack that goes does not take the records of changes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.landscape.retention import policies_retained, retained
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log group, and each bucket for what failed with its policy; a queue forgets after two weeks."""
    for resource, tables in (*assembly.audit.log_groups.items(), *assembly.audit.failure_destinations.items()):
        if resource.type in (kinds.LOG_GROUP, kinds.BUCKET):
            yield from retained(resource, tables)
        if resource.type == kinds.BUCKET:
            yield from policies_retained(assembly, resource, tables)


RULE = Rule(
    id="SecureDdb-AUD8",
    title="The records of changes outlive their stack",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-9", "NIST.800-53.r5 AU-11", "PCI DSS v4.0.1/10.5.1"),
    explanation=(
        "Whoever removes the stack would remove the record of what was done. A bucket that is kept without its policy "
        "takes objects from others, and requests without TLS."
    ),
    remedy=(
        "Set DeletionPolicy and UpdateReplacePolicy of the log group, the bucket and the bucket's policy to Retain "
        "(RemovalPolicy.RETAIN)."
    ),
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    check=check,
    spares_ephemeral=True,
)
