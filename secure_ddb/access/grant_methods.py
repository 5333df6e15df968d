"""What roles can be granted on a table, whether this app makes the table or another one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.identity_provider_mfa import IdentityProviderMfa
from secure_ddb.errors import require_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_iam import Grant, IGrantable
    from aws_cdk.aws_s3 import IBucket

    from secure_ddb.access.grants import TableGrants
    from secure_ddb.access.leading_keys import LeadingKeys


class GrantMethods:
    """The grants of `SecureTable` and of the table that `SecureTable.from_attributes` returns."""

    _grants: TableGrants

    def grant_read_data(
        self,
        grantee: IGrantable,
        *,
        attributes: Sequence[str] | None = None,
        leading_keys: LeadingKeys | None = None,
        index: str | None = None,
    ) -> Grant:
        """Let a role read items, with the key's use through DynamoDB for this table. Several grants add up.

        Args:
            grantee: A role, a construct with a role, or a policy for roles only; never an IAM user or group (CS-5).
            attributes: Limit to these attributes, which requests then have to list, and the table's key attributes.
                No scans, no condition checks; of the indexes those whose key attributes are all among them.
            leading_keys: Limit to items with these partition keys. No scans; of the indexes those with the table's
                partition key.
            index: Let only this index be queried. `leading_keys` are then values of its partition key, and `attributes`
                also have its key attributes.

        Raises:
            InvalidArgumentError: The grantee is none of these, is of another account, or CDK would leave the grant
                out of the template (`mutable=False`, `without_policy_updates()`); or an argument cannot be right.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
        """
        return self._grants.read_data(grantee, attributes, leading_keys, index)

    def grant_write_data(
        self, grantee: IGrantable, *, attributes: Sequence[str] | None = None, leading_keys: LeadingKeys | None = None
    ) -> Grant:
        """Let a role write items; all else as in `grant_read_data`.

        With `attributes` it may only update items, for other writes replace or delete them as a whole. An update
        makes an item that is not there yet.
        """
        return self._grants.write_data(grantee, attributes, leading_keys)

    def grant_read_write_data(
        self, grantee: IGrantable, *, attributes: Sequence[str] | None = None, leading_keys: LeadingKeys | None = None
    ) -> Grant:
        """Grant the combination of `grant_read_data` and `grant_write_data` with the same arguments."""
        return self._grants.read_write_data(grantee, attributes, leading_keys)

    def grant_control_plane(self, grantee: IGrantable, *, mfa: IdentityProviderMfa | None = None) -> Grant:
        """Let a role manage the table in sessions with MFA (CS-10), and deny it the items, overriding other grants.

        Not for the deployment role: it has no MFA. docs/decisions/control-plane-grant.md says which sessions have.

        Args:
            grantee: As in `grant_read_data`.
            mfa: For people who sign in through an identity provider, whose sessions never show MFA: the provider, and
                who states that it asks for MFA. Only its sessions can then manage the table.

        Raises:
            InvalidArgumentError: The grantee is not one of those that `grant_read_data` takes, no session of `mfa` can
                have it, or it has a grant with another `mfa` on this table: two of them deny each other's sessions.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
        """
        if mfa is not None:
            require_type("mfa", mfa, IdentityProviderMfa)
        return self._grants.control_plane(grantee, mfa)

    def grant_stream_read(self, grantee: IGrantable) -> Grant:
        """Let a role read the table's stream, which holds each item as it was before and after a change.

        Where the table enforces a perimeter, the stream's policy lets this role pass from everywhere, because Lambda
        polls from AWS's own network; the table's policy does not. See docs/stream-consumers.md.

        Args:
            grantee: As in `grant_read_data`; a role, where the table enforces a perimeter.

        Raises:
            InvalidArgumentError: The grantee is none of these. Or it is a role that another stack makes, and the
                stream's policy has to name it: the two stacks would wait for each other. Or the table is imported
                without `stream_arn`.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.Lambda.Tutorial.html
        """
        return self._grants.stream_read(grantee)

    def grant_describe(self, grantee: IGrantable) -> Grant:
        """Let a role call `DescribeTable`, for clients that ask for the table's keys and indexes before they use it.

        Gateway endpoints for the data plane do not let it pass.
        """
        return self._grants.describe(grantee)

    def grant_export(self, grantee: IGrantable, bucket: IBucket, prefix: str) -> Grant:
        """Let a role export all items to a bucket, with the use of the bucket's key as far as CDK knows it.

        Readers of the bucket can read every item. The bucket's own policy and that of its key are not changed.

        Args:
            grantee: As in `grant_read_data`.
            bucket: Where exports go.
            prefix: Prefix of the objects' keys, to be given as `S3Prefix`.

        Raises:
            InvalidArgumentError: An argument cannot be right, or the table has no point-in-time recovery.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
        """
        return self._grants.export(grantee, bucket, prefix)
