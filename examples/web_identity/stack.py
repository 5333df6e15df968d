"""The stack of the profiles: a table, which roles of users reach directly, and nothing in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, Billing, GlobalSecondaryIndexPropsV2, ProjectionType
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal

from examples.web_identity.fields import (
    BY_DEPARTMENT,
    DEPARTMENT,
    OWNER,
    READ_BY_EMPLOYEES,
    RECORD,
    WRITTEN_BY_EMPLOYEES,
)
from secure_ddb import LeadingKeys, Ownership, PerimeterSettings, SecureTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

    from examples.web_identity.identities import Identities
    from examples.web_identity.settings import ProfileSettings

OWNERSHIP = Ownership(owner="people@example.com", cost_center="CC-2001", application="profiles", environment="prod")


class ProfilesStack(Stack):
    """A table of profiles, with the roles of employees, managers and the personnel department.

    Attributes:
        profiles: The table.
        identities: The users and their roles.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: ProfileSettings,
        identities: Callable[[Construct], Identities],
        **stack_properties: Any,
    ) -> None:
        """Make the users, the table, and what each role may do with it.

        Args:
            scope: The app.
            id: Of the stack.
            settings: What the company chooses.
            identities: Makes the users' roles in the stack.
            stack_properties: Of the stack.
        """
        super().__init__(scope, id, **stack_properties)
        self.identities = identities(self)
        self.profiles = self._table(settings)
        employee, manager = (ManagedPolicy(self, f"{name}Policy") for name in ("Employee", "Manager"))
        for policy, role in ((employee, self.identities.employee), (manager, self.identities.manager)):
            policy.attach_to_role(role)
            own = self.identities.own
            self.profiles.grant_read_data(policy, attributes=READ_BY_EMPLOYEES, leading_keys=own)
            self.profiles.grant_write_data(policy, attributes=WRITTEN_BY_EMPLOYEES, leading_keys=own)
        of_department = LeadingKeys.principal_tag(DEPARTMENT)
        self.profiles.grant_read_data(manager, index=BY_DEPARTMENT, leading_keys=of_department)
        # The personnel department's application makes the items and writes everything else.
        personnel = Role(self, "PersonnelRole", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
        self.profiles.grant_read_write_data(ManagedPolicy(self, "PersonnelPolicy", roles=[personnel]))
        CfnOutput(self, "TableName", value=self.profiles.table_name)

    def _table(self, settings: ProfileSettings) -> SecureTable:
        owner, record, department = (
            Attribute(name=name, type=AttributeType.STRING) for name in (OWNER, RECORD, DEPARTMENT)
        )
        return SecureTable(
            self,
            "Profiles",
            partition_key=owner,
            sort_key=record,
            global_secondary_indexes=[
                GlobalSecondaryIndexPropsV2(
                    index_name=BY_DEPARTMENT,
                    partition_key=department,
                    sort_key=owner,
                    projection_type=ProjectionType.ALL,
                )
            ],
            # Any signed-in user could otherwise run up costs.
            billing=Billing.on_demand(
                max_read_request_units=settings.reads_per_second, max_write_request_units=settings.writes_per_second
            ),
            ownership=OWNERSHIP,
            # These two roles come from anywhere, all others from the company.
            perimeter=PerimeterSettings(
                exempt_roles=[self.identities.employee, self.identities.manager],
                corporate_cidrs=settings.company_networks,
            ),
        )
