"""The records of changes are kept for as long as the classification demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_number
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log group; one without an end keeps its records for ever."""
    path = "Properties.RetentionInDays"
    for group, tables in assembly.audit.log_groups.items():
        days = group.properties.get("RetentionInDays")
        least = max(table.floor.log_retention for table in tables)
        if days is None:
            yield judged(group, path, True, "it keeps records for ever", tables=tables)
        else:
            yield judged_value(group, path, days, good=(as_number(days) or 0) >= least, tables=tables)


RULE = Rule(
    id="SecureDdb-AUD6",
    title="The log of changes is kept for as long as the data's classification demands",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=(
        "CS-4",
        "NIST.800-53.r5 AU-11",
        "NIST.800-53.r5 SI-12",
        "Security Hub CloudWatch.16",
        "PCI DSS v4.0.1/10.5.1",
    ),
    explanation="A breach is noticed after months. Then the log has to reach back to its beginning.",
    remedy="Set RetentionInDays to 365 or more for confidential data, and to 400 or more for restricted data.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    check=check,
)
