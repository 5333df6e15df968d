"""The log of changes is not deleted in passing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log group."""
    for group, tables in assembly.audit.log_groups.items():
        value = group.properties.get("DeletionProtectionEnabled", False)
        path = "Properties.DeletionProtectionEnabled"
        yield judged_value(group, path, value, good=as_bool(value), tables=tables)


RULE = Rule(
    id="SecureDdb-AUD30",
    title="The log of changes is protected against deletion",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-9", "PCI DSS v4.0.1/10.5.1"),
    explanation="One request deletes the log group and with it the records of all changes.",
    remedy="Set DeletionProtectionEnabled of the log group to true, and its DeletionPolicy to Retain.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protecting-log-groups-from-deletion.html",
    check=check,
    spares_ephemeral=True,
)
