"""The archive stays as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.audit.kept_bucket import REMEDY, kept_and_closed
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the bucket of each delivery stream to an archive."""
    for stream, tables in assembly.archive.delivery_streams.items():
        if assembly.archive.bucket_of(stream) is None:
            detail = "what becomes of lines in a bucket that is not in the app cannot be seen"
            yield judged(stream, "Properties", None, detail, tables=tables)
    yield from kept_and_closed(assembly, assembly.archive.buckets)


RULE = Rule(
    id="SecureDdb-AUD23",
    title="The archive of the log of changes is write-once, blocks public access and outlives its stack",
    severity=Severity.HIGH,
    requirements=("AUD-3",),
    controls=(
        "CS-4",
        "CS-6",
        "NIST.800-53.r5 AU-9",
        "NIST.800-53.r5 AU-9(2)",
        "NIST.800-53.r5 AU-11",
        "Security Hub S3.8",
        "Security Hub S3.14",
        "Security Hub S3.15",
    ),
    explanation="An archive that somebody can change proves nothing.",
    remedy=REMEDY,
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    check=check,
)
