"""Buckets that an incident relies on: evidence, and what runbooks save to give it back later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import EXPORT
from secure_ddb.cloudformation import kinds
from secure_ddb.landscape.tables import merged, tables_by_resource
from secure_ddb.rules.audit.bucket import closed_to_the_public
from secure_ddb.rules.catalogues import nist, pci, security_hub
from secure_ddb.rules.operations.item_copies import locked
from secure_ddb.rules.own_key import encrypted_with_own_key
from secure_ddb.rules.retention import policies_retained, retained
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import TablesByResource

_EXPORT, _PUT = EXPORT.lower(), "s3:putobject"


@Rule(
    id="SecureDdb-OPS14",
    title="Evidence, and what runbooks save, is encrypted with an own key, write-once, private and retained",
    problem="Evidence, or what runbooks save, lacks an own key, Object Lock or a block of public access",
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
        "Whoever alters a saved policy decides what a release gives back, and evidence that can be altered proves "
        "nothing. Evidence holds items."
    ),
    remedy=(
        "Give the bucket a key of your own, Object Lock with a default retention, all four blocks of public access, "
        "and DeletionPolicy Retain. Containment and IncidentEvidence make such buckets."
    ),
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
)
def incident_buckets(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each bucket that runbooks write to, and each that a policy lets somebody export tables to."""
    for bucket, tables in _buckets(assembly).items():
        yield encrypted_with_own_key(assembly, bucket, tables)
        yield locked(bucket, tables)
        yield from closed_to_the_public(bucket, tables)
        yield from retained(bucket, tables)
        yield from policies_retained(assembly, bucket, tables)


def _buckets(assembly: Assembly) -> TablesByResource:
    saved = tables_by_resource(
        (bucket, tables)
        for role, tables in assembly.responses.runbook_roles.items()
        for bucket in assembly.item_copies.written_by(role)
    )
    # Those of exports on a schedule have a rule of their own.
    evidence = {
        bucket: tables for bucket, tables in _evidence(assembly).items() if bucket not in assembly.item_copies.buckets
    }
    return merged(saved, evidence)


def _evidence(assembly: Assembly) -> TablesByResource:
    found: list[tuple[Resource | None, list[Table]]] = []
    for policy in assembly.identities.policies:
        exports = [each for each in policy.allowing if _EXPORT in each.actions]
        tables = [table for table in assembly.tables if _name(exports, table.arn)] if exports else []
        writes = [each for each in policy.allowing if _PUT in each.actions] if tables else []
        found += [(bucket, tables) for bucket in assembly.of_type(kinds.BUCKET) if _name(writes, f"{bucket.arn}/")]
    return tables_by_resource(found)


def _name(statements: list[Statement], arn: str) -> bool:
    """Tell whether statements are about a resource by its name, or about what is in it."""
    return any(text.startswith(arn) for statement in statements for text in statement.resources)
