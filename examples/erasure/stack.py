"""The stack of two tables with items of persons, a role that erases them, and one that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, GlobalSecondaryIndexPropsV2, ProjectionType
from aws_cdk.aws_iam import Effect, ManagedPolicy, PolicyStatement
from aws_cdk.aws_kms import Key, KeySpec, KeyUsage

from examples.erasure.erasing import ERASURE
from secure_ddb import (
    AuditorRole,
    AuditSettings,
    Ownership,
    ReaderRole,
    SamlSignIn,
    SecureTable,
    SharedResources,
    TableExports,
)

if TYPE_CHECKING:
    from constructs import Construct

OWNERSHIP = Ownership(owner="privacy@example.com", cost_center="CC-1042", application="customers", environment="prod")
# What a write would return of the item that it changes or deletes.
_RETURNING = {"StringEquals": {"dynamodb:ReturnValues": ["ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"]}}


class ErasureStack(Stack):
    """Customers by person, orders with an index by person, and two roles of which neither can do both."""

    def __init__(self, scope: Construct, id: str, *, sign_in: SamlSignIn, **stack_properties: Any) -> None:
        """Make the tables, copies of one of them, and the roles.

        Args:
            scope: The app.
            id: Of the stack.
            sign_in: How people sign in.
            stack_properties: Of the stack.
        """
        super().__init__(scope, id, **stack_properties)
        self._shared = SharedResources(self, "Shared", ownership=OWNERSHIP)
        person, record, order = (
            Attribute(name=name, type=AttributeType.STRING) for name in ("person", "record", "order")
        )
        by_person = GlobalSecondaryIndexPropsV2(
            index_name="by-person", partition_key=person, projection_type=ProjectionType.KEYS_ONLY
        )
        customers = self._table("Customers", partition_key=person, sort_key=record)
        orders = self._table("Orders", partition_key=order, global_secondary_indexes=[by_person])
        TableExports(self, "Exports", tables={"orders": orders}, retention=Duration.days(30), ownership=OWNERSHIP)
        self._eraser(sign_in, customers, orders)
        self._privacy_office(sign_in)
        for table in (customers, orders):
            CfnOutput(self, f"{table.node.id}Name", value=table.table_name)

    def _table(self, id: str, **arguments: Any) -> SecureTable:
        return SecureTable(
            self,
            id,
            ownership=OWNERSHIP,
            shared_resources=self._shared,
            # The trail then says which changes belong to which request of a person.
            audit=AuditSettings(clear_attributes=[ERASURE]),
            **arguments,
        )

    def _eraser(self, sign_in: SamlSignIn, *tables: SecureTable) -> None:
        eraser = ReaderRole(self, "Eraser", sign_in=sign_in)
        policy = ManagedPolicy(
            self, "EraserPolicy", roles=[eraser.role], description="Deletes items without reading them"
        )
        arns = [table.table_arn for table in tables]
        for table in tables:
            eraser.read(table, attributes=[ERASURE, "person"])
            table.grant_write_data(policy, attributes=[ERASURE])
            table.grant_describe(policy)
        policy.add_statements(
            PolicyStatement(sid="Erase", actions=["dynamodb:DeleteItem"], resources=arns),
            PolicyStatement(
                sid="DenyReturningValues",
                effect=Effect.DENY,
                actions=["dynamodb:DeleteItem", "dynamodb:UpdateItem"],
                resources=arns,
                conditions=_RETURNING,
            ),
        )

    def _privacy_office(self, sign_in: SamlSignIn) -> None:
        office = AuditorRole(self, "PrivacyOffice", sign_in=sign_in)
        office.audit(self._shared)
        # Not of the tables: reports outlive them.
        key = Key(
            self,
            "ReportKey",
            description="Signs reports of erasures",
            key_spec=KeySpec.ECC_NIST_P256,
            key_usage=KeyUsage.SIGN_VERIFY,
            removal_policy=RemovalPolicy.RETAIN,
        )
        policy = ManagedPolicy(
            self, "PrivacyOfficePolicy", roles=[office.role], description="Signs reports of erasures"
        )
        policy.add_statements(PolicyStatement(actions=["kms:GetPublicKey", "kms:Sign"], resources=[key.key_arn]))
        CfnOutput(self, "ReportKeyArn", value=key.key_arn)
