"""People who sign in through the company's identity provider, and what each of them may do."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import AccountPrincipal, ManagedPolicy, Role
from constructs import Construct

from secure_ddb import AuditSettings, Ownership, SecureTable, SharedResources, TableTrail

OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod")


class AuditorsStack(Stack):
    """A table with an audit trail of its own, and resources for tables that share one, each with an auditor."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make tables, auditors and what they read."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=OWNERSHIP,
            audit=AuditSettings(reads=TableTrail()),
        )
        shared = SharedResources(self, "Shared", ownership=OWNERSHIP)
        auditor, platform_auditor = (
            ManagedPolicy(
                self, f"{name}Policy", roles=[Role(self, name, assumed_by=AccountPrincipal("111122223333"))]
            )
            for name in ("Auditor", "PlatformAuditor")
        )
        # The audit trail of one table.
        orders.grant_audit(auditor)
        # That of all tables that share an audit function.
        shared.grant_audit(platform_auditor)
