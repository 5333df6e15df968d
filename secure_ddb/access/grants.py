"""Grants on the table (IAM-1 to IAM-4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import PolicyStatement

from secure_ddb.access.consumer_statements import (
    bucket_key_statement,
    describe_statement,
    export_statements,
    stream_statements,
)
from secure_ddb.access.grant_statements import (
    READ_KEY,
    WITH_AND_WITHOUT_MFA,
    WRITE_KEY,
    Limits,
    control_plane_statements,
    index_named,
    key_statements,
    query_statement,
    read_statement,
    write_statement,
)
from secure_ddb.access.grantees import add_statements, identity_of, require_role
from secure_ddb.errors import reject, require_interface, require_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_iam import Grant, IGrantable
    from aws_cdk.aws_s3 import IBucket

    from secure_ddb.access.granted_table import GrantedTable, TableMadeHere
    from secure_ddb.access.identity_provider_mfa import IdentityProviderMfa
    from secure_ddb.access.leading_keys import LeadingKeys
    from secure_ddb.context import StackEnvironment
    from secure_ddb.key_schema import KeySchema


@dataclass(frozen=True, kw_only=True)
class TableGrants:
    """Grants roles the permissions they need on a table and its key, and no more.

    Attributes:
        table_arn: The table.
        table_name: Its name.
        schema: The key attributes of the table and its indexes.
        key_arns: The key that encrypts it; while it is replaced, the other one, too.
        environment: Where the table is.
        stack: Where the roles are; in another account, if the table is imported from there.
        stream_arn: Its stream; None, if it is not known.
        table: The table's side of grants.
    """

    table_arn: str
    table_name: str
    schema: KeySchema
    key_arns: Sequence[str]
    environment: StackEnvironment
    stack: StackEnvironment
    stream_arn: str | None
    table: GrantedTable
    # Grantee to the sessions by which it may manage the table.
    _sessions: dict[str, object] = field(default_factory=dict)

    @classmethod
    def on(cls, made: TableMadeHere, schema: KeySchema) -> TableGrants:
        """Return the grants on a table that this app makes."""
        table = made.table
        return cls(
            table_arn=table.arn,
            table_name=table.name,
            schema=schema,
            key_arns=table.item_key_arns,
            environment=table.stack_environment,
            stack=table.stack_environment,
            stream_arn=table.stream_arn,
            table=made,
        )

    def read_data(
        self,
        grantee: IGrantable,
        attributes: Sequence[str] | None,
        leading_keys: LeadingKeys | None,
        index: str | None = None,
    ) -> Grant:
        """Let a role read items, of all of the table or by one index only."""
        if index is None:
            limits = Limits.of(self.schema, attributes, leading_keys)
            statement = read_statement(self.table_arn, self.schema, limits)
        else:
            keys = index_named(index, self.schema, leading_keys)
            statement = query_statement(self.table_arn, keys, Limits.of(self.schema, attributes, leading_keys, keys))
        return self._allow(grantee, [statement, *self._key(READ_KEY)])

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
        require_role(grantee, self.stack)
        self.table.accept_management()
        if mfa is not None:
            mfa.require_usable(grantee, self.stack)
        sessions = WITH_AND_WITHOUT_MFA if mfa is None else mfa.conditions(self.environment)
        # Each of two forms denies the sessions of the other, so together they would deny everyone.
        if self._sessions.setdefault(identity_of(grantee), sessions) != sessions:
            reject("mfa", mfa, "the value of the grantee's first grant on this table; one role or policy per value")
        if mfa is not None:
            self.table.accept_mfa(mfa)
        here = self.environment
        anywhere = f"arn:{here.partition}:dynamodb:*:{here.account}:table/{self.table_name}"
        allowed, denied = control_plane_statements(self.table_arn, self.schema, anywhere, sessions)
        grant = self._allow(grantee, allowed)
        for statement in denied:
            grantee.grant_principal.add_to_principal_policy(PolicyStatement.from_json(statement))
        return grant

    def stream_read(self, grantee: IGrantable) -> Grant:
        """Let a role read the stream."""
        require_role(grantee, self.stack)
        if self.stream_arn is None:
            reject("stream_arn", None, "the ARN of the stream, in SecureTable.from_attributes(...)")
        self.table.admit_to_stream(grantee)
        return self._allow(grantee, stream_statements(self.stream_arn, self.key_arns, self.environment.region))

    def describe(self, grantee: IGrantable) -> Grant:
        """Let a role describe the table."""
        return self._allow(grantee, [describe_statement(self.table_arn)])

    def export(self, grantee: IGrantable, bucket: IBucket, prefix: str) -> Grant:
        """Let a role export the table to objects of a bucket that begin with a prefix."""
        require_role(grantee, self.stack)
        require_interface("bucket", bucket, "bucket_arn", "an aws_s3.IBucket")
        _check_prefix(prefix)
        self.table.accept_export(f"{bucket.node.path}/{prefix}")
        statements = export_statements(self.table_arn, bucket.arn_for_objects(f"{prefix}/*"))
        if bucket.encryption_key is not None:
            statements.append(bucket_key_statement(bucket.encryption_key.key_arn, bucket.env.region))
        return self._allow(grantee, [*statements, *self._key(READ_KEY)])

    def _key(self, actions: Sequence[str]) -> list[dict[str, Any]]:
        return key_statements(actions, self.key_arns, self.table_name, self.environment)

    def _allow(self, grantee: IGrantable, statements: Sequence[dict[str, Any]]) -> Grant:
        return add_statements(grantee, self.stack, statements)


# Letters that S3 takes anywhere and IAM takes for themselves.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_PREFIX = re.compile(r"[\w!.'()-]+(/[\w!.'()-]+)*", re.ASCII)


def _check_prefix(prefix: str) -> None:
    require_type("prefix", prefix, str)
    if not _PREFIX.fullmatch(prefix):
        reject("prefix", prefix, "what the objects' keys begin with, such as exports/orders, without / at either end")
