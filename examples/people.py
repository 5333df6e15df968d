"""People who sign in through the company's identity provider, and what each of them may do."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import AccountPrincipal, ManagedPolicy, PolicyDocument, Role
from aws_cdk.aws_sso import CfnPermissionSet
from constructs import Construct

from secure_ddb import (
    AccessAnalyzer,
    AccessFindings,
    AuditorRole,
    AuditSettings,
    IdentityProviderMfa,
    OperatorRole,
    Ownership,
    ReaderRole,
    SamlSignIn,
    SecureTable,
    SharedResources,
    TableTrail,
    permissions_boundary,
)

OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod")
PK = Attribute(name="pk", type=AttributeType.STRING)


class AuditorsStack(Stack):
    """A table with an audit trail of its own, and resources for tables that share one, each with an auditor."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make tables, auditors and what they read."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self, "Orders", partition_key=PK, ownership=OWNERSHIP, audit=AuditSettings(reads=TableTrail())
        )
        shared = SharedResources(self, "Shared", ownership=OWNERSHIP)
        auditor, platform_auditor = (
            ManagedPolicy(self, f"{name}Policy", roles=[Role(self, name, assumed_by=AccountPrincipal("111122223333"))])
            for name in ("Auditor", "PlatformAuditor")
        )
        # The audit trail of one table.
        orders.grant_audit(auditor)
        # That of all tables that share an audit function.
        shared.grant_audit(platform_auditor)


class FederatedStack(Stack):
    """A table with roles for the people of a SAML provider."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table and the roles."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(self, "Orders", partition_key=PK, ownership=OWNERSHIP)
        company = SamlSignIn(
            provider="arn:aws:iam::111122223333:saml-provider/Company", issuer="https://id.example.com/saml"
        )
        boundary = ManagedPolicy(self, "Boundary", document=PolicyDocument.from_json(permissions_boundary()))

        operators = OperatorRole(self, "Operators", sign_in=company, mfa_stated_by="SEC-151")
        operators.manage(orders)
        readers = ReaderRole(
            self, "Readers", sign_in=company, permissions_boundary=boundary, session_duration=Duration.hours(8)
        )
        readers.read(orders, attributes=["status", "ordered_at"])
        auditors = AuditorRole(self, "Auditors", sign_in=company, permissions_boundary=boundary)
        auditors.audit(orders)


class IdentityCenterStack(Stack):
    """A table, and the policies of it that permission sets of IAM Identity Center refer to by their names."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table and the policies, in the table's account."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(self, "Orders", partition_key=PK, ownership=OWNERSHIP)
        manage, audit = (
            ManagedPolicy(self, name, managed_policy_name=name) for name in ("ManageOrders", "AuditOrders")
        )
        orders.grant_control_plane(manage, mfa=IdentityProviderMfa(permission_set="Operators", stated_by="SEC-151"))
        orders.grant_audit(audit)


class AccessFindingsStack(Stack):
    """What IAM Access Analyzer finds in the account and Region, on the topic of the alarms."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make shared resources, and the rules."""
        super().__init__(scope, id, **stack_properties)
        shared = SharedResources(self, "Shared", ownership=OWNERSHIP)
        AccessFindings(self, "AccessFindings", topic=shared.alarm_topic, analyzers=[AccessAnalyzer.EXTERNAL_ACCESS])


class PermissionSetsStack(Stack):
    """The permission sets, in the management account of the organization or in the delegated administrator's."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the permission sets."""
        super().__init__(scope, id, **stack_properties)
        for name, policy in {"Operators": "ManageOrders", "Auditors": "AuditOrders"}.items():
            CfnPermissionSet(
                self,
                name,
                name=name,
                instance_arn="arn:aws:sso:::instance/ssoins-0123456789abcdef",
                session_duration="PT1H",
                customer_managed_policy_references=[
                    CfnPermissionSet.CustomerManagedPolicyReferenceProperty(name=policy, path="/")
                ],
            )
