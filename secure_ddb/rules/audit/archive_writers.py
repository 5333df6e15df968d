"""Only the delivery stream writes to the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.audit.bucket_writers import refuses_objects_of_others
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each bucket that is an archive."""
    for bucket, tables in assembly.archives.items():
        yield refuses_objects_of_others(assembly, bucket, tables)


RULE = Rule(
    id="SecureDdb-AUD24",
    title="Only the delivery stream writes to the archive of the log of changes",
    severity=Severity.LOW,
    requirements=("AUD-3",),
    controls=("CS-4", "NIST.800-53.r5 AU-9", "NIST.800-53.r5 AC-6"),
    explanation=(
        "Who can write there can add lines that the audit function never wrote. Which other roles of the account may "
        "write, no template shows, unless the bucket itself refuses them."
    ),
    remedy="Deny s3:PutObject to everybody whose aws:PrincipalArn is not the delivery stream's role.",
    source="https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html",
    check=check,
)
