"""The stack of the payroll: its table, the key store, the root key, and a role for each use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, GlobalSecondaryIndexPropsV2
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal

from examples.client_side_encryption.client.declaration import digest_name, index_name
from examples.client_side_encryption.payroll import PAYROLL
from examples.client_side_encryption.root_key import RootKey
from secure_ddb import LeadingKeys, Ownership, SecureTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

OWNERSHIP = Ownership(owner="payroll@example.com", cost_center="CC-1042", application="payroll", environment="prod")


class PayrollStack(Stack):
    """Two tables, each with a key of its own, and a third key above the branch keys."""

    def __init__(self, scope: Construct, id: str, *, reported: Sequence[str], **stack_properties: Any) -> None:
        """Make the tables, the root key, and who uses them.

        Args:
            scope: The app.
            id: Of the stack.
            reported: Companies that have a role of their own, which reads their items only.
            stack_properties: Of the stack.
        """
        super().__init__(scope, id, **stack_properties)
        self._root_key = RootKey(self, "Root")
        self._payroll = SecureTable(
            self,
            "Payroll",
            partition_key=_text(PAYROLL.partition_key),
            sort_key=_text(PAYROLL.sort_key),
            global_secondary_indexes=[
                GlobalSecondaryIndexPropsV2(
                    index_name=index_name(attribute),
                    partition_key=_text(digest_name(attribute)),
                    sort_key=_text(PAYROLL.partition_key),
                )
                for attribute in PAYROLL.digests
            ],
            ownership=OWNERSHIP,
        )
        # Without it no item can be decrypted, so it is kept and backed up like the payroll itself.
        self._keys = SecureTable(
            self,
            "Keys",
            # https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/create-keystore.html
            partition_key=_text("branch-key-id"),
            sort_key=_text("type"),
            ownership=OWNERSHIP,
        )
        self._application()
        self._administrator()
        for company in reported:
            self._report(company)
        CfnOutput(self, "PayrollName", value=self._payroll.table_name)
        CfnOutput(self, "KeysName", value=self._keys.table_name)
        CfnOutput(self, "RootKeyArn", value=self._root_key.key.key_arn)

    def _application(self) -> None:
        role, policy = self._role("Application")
        self._payroll.grant_read_write_data(policy)
        self._keys.grant_read_data(policy)
        self._root_key.grant_use("Application", role, policy)

    def _administrator(self) -> None:
        role, policy = self._role("KeyAdministrator")
        self._keys.grant_read_write_data(policy)
        self._root_key.grant_administration("KeyAdministrator", role, policy)

    def _report(self, company: str) -> None:
        role, policy = self._role(f"{company.title()}Report")
        own = LeadingKeys.values([company])
        self._payroll.grant_read_data(policy, leading_keys=own)
        self._keys.grant_read_data(policy, leading_keys=own)
        self._root_key.grant_read(f"{company.title()}Report", role, policy, company)

    def _role(self, name: str) -> tuple[Role, ManagedPolicy]:
        role = Role(self, f"{name}Role", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
        return role, ManagedPolicy(self, f"{name}Policy", roles=[role])


def _text(name: str) -> Attribute:
    return Attribute(name=name, type=AttributeType.STRING)
