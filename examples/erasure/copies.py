"""Where copies of a table's items are, and until when, by what the templates of the deployed stacks say.

Dates are the latest by which a copy ends that was made before the items were erased. Services delete some time after a
copy ends: Amazon S3 within days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_list, at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import TablesByResource

ITEMS, KEYS, DIGESTS = "items", "keys of items in clear", "digests of keys, names and sizes of attributes; no values"
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
_STREAM_DAYS = 1
# Records that cannot be handled are tried for at most 12 hours.
_RETRY_DAYS = 0.5
_BY_RESTORE = "to be had by restoring the table only"
_LATE_EXPORTS = "an export of the time before can be made for as long as point-in-time recovery reaches back"
_EXPIRED_BEFORE = "only items that expired before"
_NOT_LOGGED = "only changes that could not be logged"
# Copies that templates do not show. A person has to check each.
MANUAL = (
    "backups on demand, and tables that were restored from a backup or to a point in time",
    "CloudTrail trails of the account or organization that record data events: they have keys of items in clear",
    "logs, caches and search indexes of applications, and what other readers of the stream have kept",
    "CloudWatch Contributor Insights, which shows keys in clear where it is on",
)


@dataclass(frozen=True)
class Copy:
    """A copy of a table's items, or of information about them.

    Attributes:
        where: What it is in, with the logical id of the resource.
        holds: What of an item.
        days: For how long it lasts after the erasure; None if no setting ends it.
        note: What to know of it.
    """

    where: str
    holds: str
    days: float | None
    note: str = ""

    def as_json(self, erased: datetime) -> dict[str, Any]:
        """Return it as the report has it, with the day on which it is gone."""
        until = None if self.days is None else (erased + timedelta(days=self.days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"where": self.where, "holds": self.holds, "gone_by": until} | ({"note": self.note} if self.note else {})


def copies(assembly: Assembly, table: Table) -> Iterator[Copy]:
    """Yield the copies of a table: first copies of items, then of information about them."""
    recovery = _recovery_days(table)
    if table.has_stream:
        yield Copy("the table's stream", ITEMS, _STREAM_DAYS)
    if recovery:
        yield Copy("point-in-time recovery", ITEMS, recovery, _BY_RESTORE)
    yield from _kinesis_streams(assembly, table)
    for plan in _of(assembly.backup.plans, table):
        for rule in as_list(at(plan.properties, "BackupPlan", "BackupPlanRule")):
            yield from _recovery_points(plan, rule)
    for what, buckets, holds, until_written, note in (
        ("exports", assembly.item_copies.export_buckets, ITEMS, recovery, _LATE_EXPORTS),
        ("items that expired", assembly.item_copies.expiry_buckets, ITEMS, _RETRY_DAYS, _EXPIRED_BEFORE),
        ("failure bucket", assembly.audit.failure_destinations, ITEMS, _STREAM_DAYS, _NOT_LOGGED),
        ("archive of the audit log", assembly.archive.buckets, DIGESTS, _STREAM_DAYS, ""),
        ("CloudTrail's log files", assembly.trails.buckets, KEYS, _STREAM_DAYS, ""),
    ):
        for bucket in _of(buckets, table):
            yield _bucket(what, bucket, holds, until_written, note)
    for group in _of(assembly.audit.log_groups, table):
        yield Copy(f"audit log {group.logical_id}", DIGESTS, _days(group.properties.get("RetentionInDays")))


def _of(found: TablesByResource, table: Table) -> list[Resource]:
    return [resource for resource, tables in found.items() if table in tables]


def _recovery_days(table: Table) -> float:
    settings = [replica.at("PointInTimeRecoverySpecification") for replica in table.replicas]
    on = [each for each in settings if at(each, "PointInTimeRecoveryEnabled")]
    return max((float(at(each, "RecoveryPeriodInDays") or 35) for each in on), default=0.0)


def _kinesis_streams(assembly: Assembly, table: Table) -> Iterator[Copy]:
    """Yield the Kinesis streams of changes; the retention of a stream outside of the templates is unknown."""
    for stream in _of(assembly.audit.change_streams, table):
        # https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html
        hours = float(stream.properties.get("RetentionPeriodHours") or 24)
        yield Copy(f"Kinesis stream {stream.logical_id}", ITEMS, hours / 24)
    named = any(replica.at("KinesisStreamSpecification", "StreamArn") for replica in table.replicas)
    if named and not _of(assembly.audit.change_streams, table):
        yield Copy("a Kinesis stream that is in no template", ITEMS, None, "look up its retention")


def _recovery_points(plan: Resource, rule: dict[str, Any]) -> Iterator[Copy]:
    name = f"{plan.logical_id}, rule {rule.get('RuleName')}"
    yield Copy(f"recovery points of {name}", ITEMS, _days(at(rule, "Lifecycle", "DeleteAfterDays")), _BY_RESTORE)
    for action in as_list(rule.get("CopyActions")):
        days = _days(at(action, "Lifecycle", "DeleteAfterDays"))
        yield Copy(f"copied recovery points of {name}", ITEMS, days, _BY_RESTORE)


def _bucket(what: str, bucket: Resource, holds: str, until_written: float, note: str) -> Copy:
    """Return the copies in a bucket; objects are deleted by a lifecycle rule, or never."""
    rules = [
        _days_of_rule(rule)
        for rule in as_list(at(bucket.properties, "LifecycleConfiguration", "Rules"))
        if at(rule, "Status") == "Enabled" and at(rule, "ExpirationInDays") and not at(rule, "Prefix")
    ]
    locked = at(bucket.properties, "ObjectLockConfiguration", "Rule", "DefaultRetention", "Days")
    if not rules:
        kept = f"locked for {locked} days, and no rule deletes them then" if locked else "no rule deletes them"
        return Copy(f"{what} {bucket.logical_id}", holds, None, f"{note}; {kept}".removeprefix("; "))
    return Copy(f"{what} {bucket.logical_id}", holds, until_written + min(rules), note)


def _days_of_rule(rule: dict[str, Any]) -> float:
    """Return after how many days nothing is left: an expired object becomes a version that is deleted later."""
    noncurrent = at(rule, "NoncurrentVersionExpiration", "NoncurrentDays")
    return float(rule["ExpirationInDays"]) + float(noncurrent or 0)


def _days(value: object) -> float | None:
    return None if value is None else float(str(value))
