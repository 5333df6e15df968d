"""Roles that people assume through the company's identity provider (IAM-6): operators, readers, auditors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, Names
from aws_cdk.aws_iam import ManagedPolicy, Role
from constructs import Construct

from secure_ddb.claim import require_claim_text
from secure_ddb.context import stack_environment
from secure_ddb.durations import in_milliseconds
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.people.sign_in import require_sign_in, tagging_statement, trusted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_iam import Grant, IManagedPolicy

    from secure_ddb.access.leading_keys import LeadingKeys
    from secure_ddb.people.sign_in import SignIn
    from secure_ddb.sharing.resources import SharedResources
    from secure_ddb.table import SecureTable

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_SHORTEST_SESSION, _LONGEST_SESSION = 3600, 12 * 3600


class FederatedRole(Construct):
    """A role that people assume through an identity provider, with one managed policy for each table.

    Attributes:
        role: The role.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        sign_in: SignIn,
        session_duration: Duration = Duration.hours(1),
        permissions_boundary: IManagedPolicy | None = None,
        role_name: str | None = None,
    ) -> None:
        """Make the role.

        Args:
            scope: Where to make it.
            id: Construct id.
            sign_in: The provider, and which of its sign-ins can assume the role.
            session_duration: How long a session lasts at most: 1 to 12 hours.
            permissions_boundary: Its permissions boundary; `permissions_boundary()` keeps the guarantees.
            role_name: Its name, which the provider has to know. CloudFormation chooses one, unless given.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        environment = stack_environment(scope)
        require_sign_in(sign_in, environment)
        _check_session(session_duration)
        if permissions_boundary is not None:
            require_interface(
                "permissions_boundary", permissions_boundary, "managed_policy_arn", "an aws_iam.IManagedPolicy"
            )

        super().__init__(scope, id)

        self.role = Role(
            self,
            "Role",
            assumed_by=trusted(sign_in, environment),
            max_session_duration=session_duration,
            permissions_boundary=permissions_boundary,
            role_name=role_name,
        )
        tagging = tagging_statement(sign_in, environment)
        if tagging is not None and self.role.assume_role_policy is not None:
            self.role.assume_role_policy.add_statements(tagging)

    def _policy_on(self, resource: Construct) -> ManagedPolicy:
        """Return a new policy for what a role may do with a table. IAM allows ten managed policies for a role.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        """
        return ManagedPolicy(self, Names.node_unique_id(resource.node), roles=[self.role])


class OperatorRole(FederatedRole):
    """A role for people who manage tables, and never see items (IAM-4)."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        sign_in: SignIn,
        mfa_stated_by: str,
        session_duration: Duration = Duration.hours(1),
        permissions_boundary: IManagedPolicy | None = None,
        role_name: str | None = None,
    ) -> None:
        """Make the role; arguments as of `FederatedRole`.

        Args:
            scope: Where to make it.
            id: Construct id.
            sign_in: The provider.
            mfa_stated_by: Source of the claim that the provider requires MFA, such as a security ticket. Nothing
                here can verify it; the evidence shows it as claimed.
            session_duration: How long a session lasts at most.
            permissions_boundary: Its permissions boundary. `permissions_boundary()` denies updates of tables to
                roles that are not exempt.
            role_name: Its name.
        """
        require_claim_text("mfa_stated_by", mfa_stated_by)
        super().__init__(
            scope,
            id,
            sign_in=sign_in,
            session_duration=session_duration,
            permissions_boundary=permissions_boundary,
            role_name=role_name,
        )
        self._mfa = sign_in.mfa(mfa_stated_by)

    def manage(self, table: SecureTable) -> Grant:
        """Let these people manage a table, as `SecureTable.grant_control_plane` with their provider's MFA."""
        return table.grant_control_plane(self._policy_on(table), mfa=self._mfa)


class ReaderRole(FederatedRole):
    """A role for people who read items, and write none."""

    def read(
        self,
        table: SecureTable,
        *,
        attributes: Sequence[str] | None = None,
        leading_keys: LeadingKeys | None = None,
        index: str | None = None,
    ) -> Grant:
        """Let these people read items of a table, as `SecureTable.grant_read_data` with the same arguments."""
        return table.grant_read_data(
            self._policy_on(table), attributes=attributes, leading_keys=leading_keys, index=index
        )


class AuditorRole(FederatedRole):
    """A role for people who read audit trails, and no items (AUD-5)."""

    def audit(self, audited: SecureTable | SharedResources) -> Grant:
        """Let these people read the audit trail of a table, or of all tables that share resources."""
        return audited.grant_audit(self._policy_on(audited))


def _check_session(duration: Duration) -> None:
    require_type("session_duration", duration, Duration)
    seconds, rest = divmod(in_milliseconds(duration, "session_duration"), 1000)
    if rest or not _SHORTEST_SESSION <= seconds <= _LONGEST_SESSION:
        reject("session_duration", duration, "1 to 12 hours")
