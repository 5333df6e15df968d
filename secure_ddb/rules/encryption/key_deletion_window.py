"""A key that somebody schedules for deletion can be rescued for as long as AWS KMS allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_number
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_LONGEST = 30


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each key that tables depend on."""
    path = "Properties.PendingWindowInDays"
    for key, tables in (*assembly.tables.keys.items(), *assembly.audit.digest_keys.items()):
        days = key.properties.get("PendingWindowInDays", _LONGEST)
        yield judged_value(key, path, days, good=as_number(days) == _LONGEST, tables=tables)


RULE = Rule(
    id="SecureDdb-ENC4",
    title="A key that is scheduled for deletion can be rescued for 30 days",
    severity=Severity.MEDIUM,
    requirements=("ENC-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 SC-12", "NIST.800-53.r5 CP-10"),
    explanation="With the key go the items, their backups and the audit trail, and nobody can bring them back.",
    remedy="Leave PendingWindowInDays out, or set it to 30.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
    check=check,
    spares_ephemeral=True,
)
