"""What failed stays as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_number, at
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

_DAYS_OF_A_YEAR = 365
_MODES = {"COMPLIANCE", "GOVERNANCE"}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at versions and Object Lock of each bucket."""
    for bucket, tables in assembly.audit.failure_destinations.items():
        if bucket.type == kinds.BUCKET:
            yield from write_once(bucket, tables)


def write_once(bucket: Resource, tables: Sequence[Table]) -> Iterator[Judgement]:
    """Say whether a bucket is versioned, and locked for as long as the tables' log is kept."""
    lock = bucket.properties.get("ObjectLockConfiguration")
    retention = at(lock, "Rule", "DefaultRetention")
    days = (as_number(at(retention, "Days")) or 0) + (as_number(at(retention, "Years")) or 0) * _DAYS_OF_A_YEAR
    least = max(table.floor.log_retention for table in tables)
    good = (
        as_bool(bucket.properties.get("ObjectLockEnabled"))
        and at(lock, "ObjectLockEnabled") == "Enabled"
        and str(at(retention, "Mode")) in _MODES
        and days >= least
    )
    path = "Properties.ObjectLockConfiguration"
    yield judged_value(bucket, path, lock, good=good, key="ObjectLock", tables=tables)
    # A lock holds versions, so a bucket with one has them; CloudFormation is told of both.
    status = at(bucket.properties, "VersioningConfiguration", "Status")
    path = "Properties.VersioningConfiguration.Status"
    yield judged_value(bucket, path, status, good=status == "Enabled", key="Versioning", tables=tables)
    path = "Properties.LifecycleConfiguration"
    rules = at(bucket.properties, "LifecycleConfiguration", "Rules")
    for position, each in enumerate(rules if isinstance(rules, list) else ()):
        expires = at(each, "ExpirationInDays")
        if expires is not None and at(each, "Status") != "Disabled":
            # Locked versions stay, and nobody finds them behind their delete markers.
            good = (as_number(expires) or 0) >= least
            where = f"{path}.Rules.{position}.ExpirationInDays"
            yield judged_value(bucket, where, expires, good=good, key=f"Expiration{position}", tables=tables)


RULE = Rule(
    id="SecureDdb-AUD10",
    title="The bucket of failed changes is versioned and locked for as long as the log is kept",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=(
        "CS-4",
        "NIST.800-53.r5 AU-9",
        "Security Hub S3.14",
        "Security Hub S3.15",
        "PCI DSS v4.0.1/10.3.2",
        "PCI DSS v4.0.1/10.5.1",
    ),
    explanation="A change that was not logged is worth most to whoever wants it forgotten.",
    remedy="Switch on versions and Object Lock, with a default retention as long as the classification demands.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    check=check,
    spares_ephemeral=True,
)
