"""Buckets that an incident relies on: evidence, and the state that runbooks save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.incident_buckets import incident_buckets
from secure_ddb.rules.audit.bucket import closed_to_the_public
from secure_ddb.rules.catalogues import nist, pci, security_hub
from secure_ddb.rules.operations.item_copies import locked
from secure_ddb.rules.own_key import encrypted_with_own_key
from secure_ddb.rules.retention import policies_retained, retained
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


@Rule(
    id="SecureDdb-OPS15",
    title=(
        "Buckets for evidence and saved policies are encrypted with a customer managed key, write-once, private and "
        "retained"
    ),
    problem=(
        "A bucket for evidence or saved policies lacks a customer managed key, Object Lock or a block of public "
        "access, or is not retained"
    ),
    severity=Severity.HIGH,
    requirements=("IR-1", "IR-5"),
    controls=(
        "CS-1",
        "CS-6",
        *nist("AU-9", "IR-4", "SC-28(1)"),
        *security_hub("S3.8", "S3.15", "S3.17"),
        *pci("10.3.2"),
    ),
    rationale=(
        "An attacker who can alter a saved policy controls what a release restores, and evidence that can be altered "
        "proves nothing. Exported evidence contains items."
    ),
    remedy=(
        "Give the bucket a customer managed key, Object Lock with a default retention, all four blocks of public "
        "access, and DeletionPolicy Retain. Containment and IncidentEvidence create such buckets."
    ),
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
)
def buckets_of_incidents(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each bucket that runbooks write to, and each that a policy allows exports of tables to."""
    for bucket, tables in incident_buckets(assembly).items():
        yield encrypted_with_own_key(assembly, bucket, tables)
        yield locked(bucket, tables)
        yield from closed_to_the_public(bucket, tables)
        yield from retained(bucket, tables)
        yield from policies_retained(assembly, bucket, tables)
