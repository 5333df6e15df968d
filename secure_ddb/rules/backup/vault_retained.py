"""A stack that goes does not take the vault along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.retention import retained
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each vault."""
    for vault, tables in assembly.backup.vaults.items():
        yield from retained(vault, tables)


RULE = Rule(
    id="SecureDdb-BAK11",
    title="The backup vault outlives its stack",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9"),
    explanation="Backups are for the day on which a stack is gone that should not be.",
    remedy="Set the vault's DeletionPolicy and UpdateReplacePolicy to Retain (RemovalPolicy.RETAIN).",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    check=check,
)
