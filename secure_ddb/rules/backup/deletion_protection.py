"""Nobody deletes the table in passing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each replica."""
    for table, replica in assembly.tables.replicas:
        path = f"{replica.path}.DeletionProtectionEnabled"
        value = replica.at("DeletionProtectionEnabled")
        yield judged_value(table.resource, path, value, good=as_bool(value), key=replica.region, tables=[table])


RULE = Rule(
    id="SecureDdb-BAK3",
    title="The table is protected against deletion",
    severity=Severity.HIGH,
    requirements=("BAK-1",),
    controls=("PR.PT-5", "NIST.800-53.r5 CM-3", "Security Hub DynamoDB.6"),
    explanation="With the table go its items, its stream and its point-in-time recovery.",
    remedy="Set DeletionProtectionEnabled to true, for each replica.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
    check=check,
    spares_ephemeral=True,
)
