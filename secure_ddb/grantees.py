"""Who may be granted anything: roles, never IAM users or groups (CS-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk.aws_iam import IGrantable, ManagedPolicy, Policy

from secure_ddb.errors import reject, require_interface
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.context import StackEnvironment

_ALLOWED = "a role, or a policy for roles only, of this account: never IAM users or groups (CS-5)"


def require_role(grantee: IGrantable, environment: StackEnvironment) -> None:
    """Refuse whatever is not a role, has no role, or is not a policy that only roles have.

    A policy that is attached to a user later, or from the user's side, cannot be seen.

    Raises:
        InvalidArgumentError: The grantee is, or has, something else, or is of another account.
    """
    require_interface("grantee", grantee, "grant_principal", "an aws_iam.IGrantable, such as a Role")
    principal = grantee.grant_principal
    if isinstance(grantee, ManagedPolicy | Policy):
        resource = grantee.node.default_child
        attached = Stack.of(grantee).resolve([getattr(resource, "users", None), getattr(resource, "groups", None)])
        if any(attached):
            reject("grantee", grantee, _ALLOWED)
    else:
        # Only a role has it. What wraps a principal, to add a condition, has not: the condition would be lost.
        require_interface("grantee", principal, "role_arn", _ALLOWED)
    account = principal.principal_account
    known = account and not is_token(account) and not is_token(environment.account)
    if known and account != environment.account:
        # CDK drops such a grant without a word: the other account's role cannot be changed from here.
        reject("grantee", f"of account {account}", f"a principal of account {environment.account}")
