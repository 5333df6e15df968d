"""Copies of items in Amazon S3: exports on a schedule, and items that expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_number, at, is_unknown
from secure_ddb.landscape.audit import destination_of
from secure_ddb.rules.audit.bucket import closed_to_the_public
from secure_ddb.rules.catalogues import nist, security_hub
from secure_ddb.rules.own_key import encrypted_with_own_key
from secure_ddb.rules.retention import policies_retained, retained
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

_MODES = {"COMPLIANCE", "GOVERNANCE"}


@Rule(
    id="SecureDdb-OPS12",
    title="Copies of items in Amazon S3 are encrypted with a customer managed key, write-once, private and retained",
    problem=(
        "Copies of items in Amazon S3 lack a customer managed key, Object Lock or a block of public access, or are "
        "not retained"
    ),
    severity=Severity.HIGH,
    requirements=("OPS-4", "OPS-8"),
    controls=("CS-1", "CS-6", *nist("CP-9", "SC-28(1)", "AC-3"), *security_hub("S3.8", "S3.15", "S3.17")),
    rationale="Exports and expired items are still items, but the table's policies do not apply in the bucket.",
    remedy=(
        "Give the bucket a customer managed key, Object Lock with a default retention, all four settings of block "
        "public access, and DeletionPolicy Retain. TableExports and ExpiredItems create such buckets."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html",
)
def buckets_of_items(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each bucket that exports on a schedule or expired items go to."""
    for bucket, tables in assembly.item_copies.buckets.items():
        yield encrypted_with_own_key(assembly, bucket, tables)
        yield locked(bucket, tables)
        yield from closed_to_the_public(bucket, tables)
        yield from retained(bucket, tables)
        yield from policies_retained(assembly, bucket, tables)


def locked(bucket: Resource, tables: Sequence[Table]) -> Judgement:
    """Judge whether objects are locked, for any period: rules do not judge the retention of items."""
    lock = bucket.properties.get("ObjectLockConfiguration")
    retention = at(lock, "Rule", "DefaultRetention")
    period = (as_number(at(retention, "Days")) or 0) + (as_number(at(retention, "Years")) or 0)
    is_on = as_bool(bucket.properties.get("ObjectLockEnabled")) and at(lock, "ObjectLockEnabled") == "Enabled"
    good = is_on and str(at(retention, "Mode")) in _MODES and period > 0
    path = "Properties.ObjectLockConfiguration"
    return judged_value(bucket, path, lock, good=good, key="ObjectLock", tables=tables)


@Rule(
    id="SecureDdb-OPS13",
    title="Expired items that could not be archived are kept",
    problem="Expired items that could not be archived are lost",
    severity=Severity.MEDIUM,
    requirements=("OPS-8",),
    controls=("CS-4", *nist("CP-9", "SI-12")),
    rationale="The table no longer has them, and Lambda drops a record after the last attempt.",
    remedy=(
        "Set DestinationConfig.OnFailure.Destination of the event source mapping to a bucket, and StartingPosition to "
        "TRIM_HORIZON."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html",
)
def expired_items_kept(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each event source mapping that hands over expired items."""
    for table, mapping in assembly.item_copies.expiry_mappings:
        named = destination_of(mapping)
        path = "Properties.DestinationConfig.OnFailure.Destination"
        found = assembly.find(named, mapping, kinds.BUCKET)
        if found or not named or is_unknown(named):
            yield judged_value(mapping, path, named, good=found is not None, key="OnFailure", tables=[table])
        else:
            detail = "the destination is not in the app; the templates do not show whether it keeps complete records"
            yield judged(mapping, path, None, detail, key="OnFailure", tables=[table])
        start = mapping.properties.get("StartingPosition")
        good = start == "TRIM_HORIZON"
        yield judged_value(mapping, "Properties.StartingPosition", start, good=good, key="Start", tables=[table])
