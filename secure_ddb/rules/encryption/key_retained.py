"""A stack that goes does not take the key along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.retention import retained
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each key that tables depend on."""
    for key, tables in (*assembly.tables.keys.items(), *assembly.audit.digest_keys.items()):
        yield from retained(key, tables)


RULE = Rule(
    id="SecureDdb-ENC5",
    title="The table's keys outlive their stack",
    severity=Severity.HIGH,
    requirements=("ENC-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 SC-12", "NIST.800-53.r5 CP-10", "Security Hub KMS.3"),
    explanation="A retained table, its backups and its audit trail cannot be read without the key.",
    remedy="Set the key's DeletionPolicy and UpdateReplacePolicy to Retain (RemovalPolicy.RETAIN).",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    check=check,
    spares_ephemeral=True,
)
