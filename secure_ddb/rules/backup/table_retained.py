"""A stack that goes does not take the table along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.retention import retained
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each table."""
    for table in assembly.tables:
        yield from retained(table.resource, [table])


RULE = Rule(
    id="SecureDdb-BAK4",
    title="The table outlives its stack",
    severity=Severity.HIGH,
    requirements=("BAK-1",),
    controls=("PR.PT-5", "NIST.800-53.r5 CM-3"),
    explanation="A stack is deleted, or a resource renamed, more easily than anybody means to delete data.",
    remedy="Set the table's DeletionPolicy and UpdateReplacePolicy to Retain (RemovalPolicy.RETAIN).",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    check=check,
    spares_ephemeral=True,
)
