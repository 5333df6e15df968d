"""Buckets that an incident relies on: evidence, and the state that runbooks save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.actions import EXPORT
from secure_ddb.cloudformation import kinds
from secure_ddb.landscape.tables import merged, tables_by_resource

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import TablesByResource

_EXPORT, _PUT = EXPORT.lower(), "s3:putobject"


def incident_buckets(assembly: Assembly) -> TablesByResource:
    """Return each bucket that runbooks write to, or that a policy allows exports of tables to, with the tables."""
    saved = tables_by_resource(
        (bucket, tables)
        for role, tables in assembly.responses.runbook_roles.items()
        for bucket in assembly.item_copies.written_by(role)
    )
    # Exports on a schedule are no evidence of an incident.
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
    """Return whether statements are about a resource by its name, or about its contents."""
    return any(text.startswith(arn) for statement in statements for text in statement.resources)
