"""Nobody alters a log file unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each trail that records data events of tables; an event data store cannot be altered."""
    path = "Properties.EnableLogFileValidation"
    for trail, tables in assembly.trails.all.items():
        if trail.type == kinds.TRAIL:
            value = trail.properties.get("EnableLogFileValidation")
            yield judged_value(trail, path, value, good=as_bool(value), tables=tables)


RULE = Rule(
    id="SecureDdb-AUD17",
    title="The trail of reads validates its log files",
    severity=Severity.MEDIUM,
    requirements=("AUD-2",),
    controls=("CS-4", "NIST.800-53.r5 AU-9", "NIST.800-53.r5 SI-7", "Security Hub CloudTrail.4"),
    explanation="Signed digests show whether a log file was changed or is missing.",
    remedy="Set EnableLogFileValidation to true.",
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
    check=check,
)
