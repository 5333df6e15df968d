"""The configuration of the grants for auditors: a table that has all of it, and resources that two tables share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal

from secure_ddb import ArchiveSettings, AuditSettings, SecureTable, SharedResources, TableTrail
from tests.orders import OWNERSHIP, PK

if TYPE_CHECKING:
    from aws_cdk import Stack


def audited(stack: Stack) -> None:
    """A table with archive and trail, a table without, and one whose audit function is shared, each with an auditor."""
    orders = SecureTable(
        stack,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        audit=AuditSettings(archive=ArchiveSettings(), reads=TableTrail()),
    )
    invoices = SecureTable(stack, "Invoices", partition_key=PK, ownership=OWNERSHIP)
    shared = SharedResources(stack, "Shared", ownership=OWNERSHIP, audit=AuditSettings(archive=ArchiveSettings()))
    SecureTable(stack, "Carts", partition_key=PK, ownership=OWNERSHIP, shared_resources=shared)
    service = ServicePrincipal("ecs-tasks.amazonaws.com")
    for name, grant in (
        ("Auditor", orders.grant_audit),
        ("LogAuditor", invoices.grant_audit),
        ("PlatformAuditor", shared.grant_audit),
    ):
        grant(ManagedPolicy(stack, f"{name}Policy", roles=[Role(stack, name, assumed_by=service)]))
