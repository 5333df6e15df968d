"""Log files stay as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.rules.audit.kept_bucket import REMEDY, kept_and_closed
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the bucket of each trail that records data events of tables."""
    for trail, tables in assembly.trails.all.items():
        bucket = assembly.find(trail.properties.get("S3BucketName"), trail, kinds.BUCKET)
        if trail.type == kinds.TRAIL and bucket is None:
            detail = "what becomes of log files in a bucket that is not in the app cannot be seen"
            yield judged(trail, "Properties.S3BucketName", None, detail, tables=tables)
    yield from kept_and_closed(assembly, assembly.trails.buckets)


RULE = Rule(
    id="SecureDdb-AUD19",
    title="The bucket of the trail of reads is locked, blocks public access and outlives its stack",
    severity=Severity.HIGH,
    requirements=("AUD-2",),
    controls=(
        "CS-4",
        "CS-6",
        "NIST.800-53.r5 AU-9",
        "NIST.800-53.r5 AU-9(2)",
        "NIST.800-53.r5 AU-11",
        "Security Hub CloudTrail.6",
        "Security Hub S3.8",
        "Security Hub S3.15",
    ),
    explanation="Who may delete log files may read unseen, and who reads them learns item keys.",
    remedy=REMEDY,
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
    check=check,
    spares_ephemeral=True,
)
