"""Who may use the table: its own policy (ENC-3) and grants (IAM-1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import Grant, IGrantable

from secure_ddb.actions import READ_DATA, TABLE_POLICY, WRITE_DATA
from secure_ddb.errors import reject, require_interface
from secure_ddb.tls import deny_without_tls
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.context import StackEnvironment

_READ_KEY = ("kms:Decrypt", "kms:DescribeKey")
_WRITE_KEY = (*_READ_KEY, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")


def table_policy() -> dict[str, Any]:
    """Return the table's resource policy: no request without TLS, whoever sends it.

    The resource is `*`, which in a table's policy means the table and its indexes: naming the ARN of a table
    that CloudFormation has yet to name would be a cycle.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-examples.html
    """
    return {"Version": "2012-10-17", "Statement": [deny_without_tls(list(TABLE_POLICY), "*")]}


@dataclass(frozen=True)
class TableGrants:
    """Gives principals what they need of a table and its key, and no more."""

    table_arn: str
    has_index: bool
    key_arn: str
    environment: StackEnvironment

    def read_data(self, grantee: IGrantable) -> Grant:
        """Let a principal read items."""
        return self._grant(grantee, READ_DATA, _READ_KEY)

    def write_data(self, grantee: IGrantable) -> Grant:
        """Let a principal write items."""
        return self._grant(grantee, WRITE_DATA, _WRITE_KEY)

    def read_write_data(self, grantee: IGrantable) -> Grant:
        """Let a principal read and write items."""
        return self._grant(grantee, (*READ_DATA, *WRITE_DATA), _WRITE_KEY)

    def _grant(self, grantee: IGrantable, actions: tuple[str, ...], key_actions: tuple[str, ...]) -> Grant:
        require_interface("grantee", grantee, "grant_principal", "an aws_iam.IGrantable, such as a Role")
        resources = [self.table_arn]
        if self.has_index:
            resources.append(f"{self.table_arn}/index/*")
        account = grantee.grant_principal.principal_account
        known = account and not is_token(account) and not is_token(self.environment.account)
        if known and account != self.environment.account:
            # CDK drops such a grant without a word: the other account's role cannot be changed from here.
            reject("grantee", f"of account {account}", f"a principal of account {self.environment.account}")
        table_grant = Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=resources)
        if not table_grant.success:
            reject("grantee", grantee, "a principal of this account that can hold a policy, such as a Role")
        # Through DynamoDB only: the grant is of no use for decrypting anything taken from elsewhere.
        service = f"dynamodb.{self.environment.region}.amazonaws.com"
        key_grant = Grant.add_to_principal(
            grantee=grantee,
            actions=list(key_actions),
            resource_arns=[self.key_arn],
            conditions={"StringEquals": {"kms:ViaService": service}},
        )
        return table_grant.combine(key_grant)
