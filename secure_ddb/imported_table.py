"""A `SecureTable` of another stack, app or account, as the roles of this one see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import TableV2
from constructs import Construct

from secure_ddb.access.grant_methods import GrantMethods
from secure_ddb.access.grants import TableGrants
from secure_ddb.context import environment_of_account, stack_environment
from secure_ddb.encryption.encryption import require_key_arn
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.existing_resources import require_same_environment
from secure_ddb.table_arguments import TableArguments
from secure_ddb.table_evidence import TableEvidence
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_dynamodb import Attribute, GlobalSecondaryIndexPropsV2, LocalSecondaryIndexProps
    from aws_cdk.aws_iam import IGrantable
    from aws_cdk.aws_kms import IKey

    from secure_ddb.access.identity_provider_mfa import IdentityProviderMfa

_ACCOUNT = re.compile(r"\d{12}")


class ImportedTable(GrantMethods, Construct):
    """A table that exists already. Made by `SecureTable.from_attributes`, which documents the arguments.

    Attributes:
        table: The table as CDK knows it, for event sources, AppSync and Step Functions.
        table_name: Its name.
        table_arn: Its ARN.
        encryption_key: The key that encrypts it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        table_name: str,
        encryption_key: IKey,
        partition_key: Attribute,
        sort_key: Attribute | None = None,
        global_secondary_indexes: Sequence[GlobalSecondaryIndexPropsV2] | None = None,
        local_secondary_indexes: Sequence[LocalSecondaryIndexProps] | None = None,
        stream_arn: str | None = None,
        account: str | None = None,
    ) -> None:
        """Check the known attributes of the table."""
        here = stack_environment(scope)
        _check_account(account)
        there = environment_of_account(here, account)
        require_type("table_name", table_name, str)
        arguments = TableArguments.of_existing(
            table_name, partition_key, sort_key, global_secondary_indexes, local_secondary_indexes
        )
        require_interface("encryption_key", encryption_key, "key_arn", "an aws_kms.IKey")
        require_key_arn("encryption_key", encryption_key.key_arn)
        require_same_environment("encryption_key", encryption_key, there, TableEvidence())
        arn = there.arn("dynamodb", f"table/{table_name}")
        check_stream("stream_arn", stream_arn, there.region, table_name)
        super().__init__(scope, id)
        self.table = TableV2.from_table_attributes(
            self,
            "Table",
            table_arn=arn,
            encryption_key=encryption_key,
            table_stream_arn=stream_arn,
            global_indexes=arguments.global_index_names,
            local_indexes=[index.index_name for index in local_secondary_indexes or ()],
        )
        self.table_name, self.table_arn, self.encryption_key = table_name, arn, encryption_key
        self._grants = TableGrants(
            table_arn=arn,
            table_name=table_name,
            schema=arguments.key_schema,
            key_arns=[encryption_key.key_arn],
            environment=there,
            stack=here,
            stream_arn=stream_arn,
            table=_MadeElsewhere(account=there.account, is_of_another_account=there.account != here.account),
        )


@dataclass(frozen=True, kw_only=True)
class _MadeElsewhere:
    """A table of another stack or app, whose policies and evidence this one does not change."""

    account: str
    is_of_another_account: bool

    def admit_to_stream(self, grantee: IGrantable) -> None:
        """Leave the perimeter to the app that makes the table, which has to name the role."""

    def accept_mfa(self, mfa: IdentityProviderMfa) -> None:
        """Reject the claim."""
        allowed = "None: only the evidence of the app that makes the table can show such a claim, so grant it there"
        reject("mfa", mfa, allowed)

    def accept_management(self) -> None:
        """Reject it from another account: DynamoDB takes some calls from there, but the table's policy none."""
        if self.is_of_another_account:
            reject("account", self.account, "the stack's account, to manage a table")

    def accept_export(self, _place: str) -> None:
        """Reject it from another account, from which DynamoDB takes no exports."""
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
        if self.is_of_another_account:
            reject("account", self.account, "the stack's account, to export a table")


def _check_account(account: str | None) -> None:
    if account is None:
        return
    require_type("account", account, str)
    if not _ACCOUNT.fullmatch(account) and not is_token(account):
        reject("account", account, "the 12 digits of the account that the table is in; None for the stack's")


def check_stream(argument: str, stream_arn: str | None, region: str, table_name: str) -> None:
    """Reject ARNs that are not of a stream of the table, as far as both are known.

    Raises:
        InvalidArgumentError: It is of another table or Region, or is no stream's ARN.
    """
    if stream_arn is None:
        return
    require_type(argument, stream_arn, str)
    if is_token(stream_arn) or is_token(table_name):
        return
    pattern = rf"arn:[^:]+:dynamodb:{region}:\d{{12}}:table/{re.escape(table_name)}/stream/[^/*?]+"
    if not re.fullmatch(pattern, stream_arn):
        reject(argument, stream_arn, f"arn:aws:dynamodb:{region}:ACCOUNT:table/{table_name}/stream/LABEL")
