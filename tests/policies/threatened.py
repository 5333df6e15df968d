"""The configuration of the threat model: a restricted table with all that protects it, and a role for each grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2
from aws_cdk.aws_iam import AccountPrincipal, ManagedPolicy, PolicyStatement, Role, ServicePrincipal

from secure_ddb import AuditSettings, DataClassification, PerimeterSettings, SecureTable, TableTrail
from tests.configurations import laned_endpoints
from tests.orders import OWNERSHIP, PK, SK

if TYPE_CHECKING:
    from aws_cdk import Stack


def threatened(stack: Stack) -> None:
    """A restricted table behind its lane and a perimeter, and a table of another lane."""
    endpoints = laned_endpoints(stack)
    orders = SecureTable(
        stack,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        classification=DataClassification.RESTRICTED,
        endpoints=endpoints.lane("web"),
        perimeter=PerimeterSettings(
            organization_id="o-abcde12345",
            exempt_roles=[Role(stack, "BreakGlass", assumed_by=AccountPrincipal("111122223333"))],
            corporate_cidrs=["203.0.113.0/24"],
        ),
        audit=AuditSettings(reads=TableTrail()),
        global_secondary_indexes=[GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)],
    )
    SecureTable(stack, "Invoices", partition_key=PK, ownership=OWNERSHIP, endpoints=endpoints.lane("batch"))
    service = ServicePrincipal("ecs-tasks.amazonaws.com")
    for name, grant in (
        ("Reader", orders.grant_read_data),
        ("Writer", orders.grant_write_data),
        ("Operator", orders.grant_control_plane),
    ):
        grant(ManagedPolicy(stack, f"{name}Policy", roles=[Role(stack, name, assumed_by=service)]))
    read_log = ["logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"]
    ManagedPolicy(
        stack,
        "LogReaderPolicy",
        roles=[Role(stack, "LogReader", assumed_by=service)],
        statements=[
            PolicyStatement(actions=read_log, resources=[orders.audit_log_group.log_group_arn]),
            # Of any key, because the table does not hand out the one of its MACs.
            PolicyStatement(actions=["kms:VerifyMac"], resources=["*"]),
        ],
    )
