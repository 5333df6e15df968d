"""Who may use the table: grants (IAM-1 to IAM-4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import PolicyStatement

from secure_ddb.errors import reject, require_type
from secure_ddb.grant_statements import (
    READ_KEY,
    WITH_AND_WITHOUT_MFA,
    WRITE_KEY,
    Limits,
    control_plane_statements,
    key_statements,
    read_statement,
    write_statement,
)
from secure_ddb.grantees import add_statements, identity_of, require_role
from secure_ddb.identity_provider_mfa import IdentityProviderMfa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_dynamodb import TableV2
    from aws_cdk.aws_iam import Grant, IGrantable

    from secure_ddb.context import StackEnvironment
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.key_schema import KeySchema
    from secure_ddb.leading_keys import LeadingKeys
    from secure_ddb.table_evidence import TableEvidence


@dataclass(frozen=True, kw_only=True)
class TableGrants:
    """Gives roles what they need of a table and its key, and no more."""

    table: TableV2
    table_arn: str
    table_name: str
    schema: KeySchema
    key_arn: str
    environment: StackEnvironment
    evidence: TableEvidence
    # Grantee to the sessions by which it may manage the table.
    _sessions: dict[str, object] = field(default_factory=dict)

    @classmethod
    def on(
        cls, table: MadeTable, schema: KeySchema, environment: StackEnvironment, evidence: TableEvidence
    ) -> TableGrants:
        """Return the grants on a table."""
        return cls(
            table=table.resource,
            table_arn=table.arn,
            table_name=table.name,
            schema=schema,
            key_arn=table.key.arn,
            environment=environment,
            evidence=evidence,
        )

    def read_data(
        self, grantee: IGrantable, attributes: Sequence[str] | None, leading_keys: LeadingKeys | None
    ) -> Grant:
        """Let a role read items."""
        limits = Limits.of(self.schema, attributes, leading_keys)
        return self._allow(grantee, [read_statement(self.table_arn, self.schema, limits), *self._key(READ_KEY)])

    def write_data(
        self, grantee: IGrantable, attributes: Sequence[str] | None, leading_keys: LeadingKeys | None
    ) -> Grant:
        """Let a role write items."""
        limits = Limits.of(self.schema, attributes, leading_keys)
        return self._allow(grantee, [write_statement(self.table_arn, limits), *self._key(WRITE_KEY)])

    def read_write_data(
        self, grantee: IGrantable, attributes: Sequence[str] | None, leading_keys: LeadingKeys | None
    ) -> Grant:
        """Let a role read and write items."""
        limits = Limits.of(self.schema, attributes, leading_keys)
        statements = [
            read_statement(self.table_arn, self.schema, limits),
            write_statement(self.table_arn, limits),
            *self._key(WRITE_KEY),
        ]
        return self._allow(grantee, statements)

    def control_plane(self, grantee: IGrantable, mfa: IdentityProviderMfa | None) -> Grant:
        """Let a role manage the table with MFA, or with the one that is claimed, and keep it from the items."""
        require_role(grantee, self.environment)
        if mfa is not None:
            require_type("mfa", mfa, IdentityProviderMfa)
            mfa.require_usable(grantee, self.environment)
        sessions = WITH_AND_WITHOUT_MFA if mfa is None else mfa.conditions(self.environment)
        # Each of two forms denies the sessions of the other, so together they would deny everyone.
        if self._sessions.setdefault(identity_of(grantee), sessions) != sessions:
            reject("mfa", mfa, "the value of the grantee's first grant on this table; one role or policy per value")
        here = self.environment
        anywhere = f"arn:{here.partition}:dynamodb:*:{here.account}:table/{self.table_name}"
        allowed, denied = control_plane_statements(self.table_arn, self.schema, anywhere, sessions)
        grant = self._allow(grantee, allowed)
        for statement in denied:
            grantee.grant_principal.add_to_principal_policy(PolicyStatement.from_json(statement))
        if mfa is not None:
            mfa.record(self.evidence)
            self.evidence.state_on(self.table)
        return grant

    def _key(self, actions: Sequence[str]) -> list[dict[str, Any]]:
        return key_statements(actions, self.key_arn, self.table_name, self.environment)

    def _allow(self, grantee: IGrantable, statements: Sequence[dict[str, Any]]) -> Grant:
        return add_statements(grantee, self.environment, statements)
