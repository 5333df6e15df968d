"""Grantees: roles, never IAM users or groups (CS-5), and only those whose grants CDK writes into the template."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk.aws_iam import Grant, IGrantable, IRole, LazyRole, ManagedPolicy, Policy, Role
from constructs import Dependable

from secure_ddb.errors import reject, require_interface
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_iam import IPrincipal

    from secure_ddb.context import StackEnvironment

_ALLOWED = "a role, or a policy for roles only, of this account: never IAM users or groups (CS-5)"
# The context key that `Role.customize_roles` sets on its scope.
_CUSTOMIZED = "@aws-cdk/iam:customizeRoles"
_NOT_CUSTOMIZED = "outside of Role.customize_roles(), which keeps its permissions out of the template"
# The end of the ARN that `Role.from_lookup` returns until the CDK CLI has looked the role up and synthesizes again.
_PLACEHOLDER = ":123456789012:role/DUMMY_ARN"


def require_role(grantee: IGrantable, environment: StackEnvironment) -> None:
    """Reject grantees other than roles and policies for roles of this account, and those whose grants CDK drops.

    A policy that is attached to a user later, or from the user's side, cannot be seen.
    """
    require_interface("grantee", grantee, "grant_principal", "an aws_iam.IGrantable, such as a Role")
    principal = grantee.grant_principal
    if isinstance(grantee, ManagedPolicy | Policy):
        _require_policy_for_roles(grantee)
        _require_same_account(principal, environment)
        return
    # Only a role has it. A principal with conditions does not: its conditions would be lost.
    require_interface("grantee", principal, "role_arn", _ALLOWED)
    role = cast("IRole", principal)
    is_imported = not isinstance(role, Role | LazyRole)
    if is_imported and role.role_arn.endswith(_PLACEHOLDER):
        return
    _require_same_account(role, environment)
    if role.node.try_get_context(_CUSTOMIZED) is not None:
        reject("grantee", grantee, f"a role {_NOT_CUSTOMIZED}")
    if is_imported:
        _require_policy_updates(role)
    if isinstance(role, LazyRole):
        # It is not in the template before its ARN has been asked for, and neither are its permissions.
        _ = role.role_arn


def add_statements(grantee: IGrantable, environment: StackEnvironment, statements: Sequence[dict[str, Any]]) -> Grant:
    """Add statements that allow something to a role's permissions.

    Raises:
        InvalidArgumentError: As `require_role`.
    """
    require_role(grantee, environment)
    grants = [
        Grant.add_to_principal(
            grantee=grantee,
            actions=statement["Action"],
            resource_arns=statement["Resource"],
            conditions=statement.get("Condition"),
        )
        for statement in statements
    ]
    return reduce(Grant.combine, grants)


def identity_of(grantee: IGrantable) -> str:
    """Return the identity of a role or a policy: a role's ARN, or else its path in the app."""
    if isinstance(grantee, ManagedPolicy | Policy):
        return grantee.node.path
    role = cast("IRole", grantee.grant_principal)
    # All roles that the CDK CLI has yet to look up share one ARN.
    return role.node.path if role.role_arn.endswith(_PLACEHOLDER) else role.role_arn


def _require_policy_for_roles(policy: ManagedPolicy | Policy) -> None:
    resource = policy.node.default_child
    if resource is None:
        reject("grantee", policy, f"a policy {_NOT_CUSTOMIZED}")
    # CDK leaves out empty lists.
    attached = Stack.of(policy).resolve({name: getattr(resource, name) for name in ("users", "groups", "roles")})
    if attached.keys() & {"users", "groups"}:
        reject("grantee", policy, _ALLOWED)
    if isinstance(policy, Policy) and "roles" not in attached:
        reject(
            "grantee",
            policy,
            "an inline policy that is attached to a role already, because CDK leaves out one that never is; "
            "a ManagedPolicy can be attached later",
        )


def _require_same_account(principal: IPrincipal, environment: StackEnvironment) -> None:
    account = principal.principal_account
    if not account or is_token(account) or account == environment.account:
        return
    if is_token(environment.account):
        # IAM attaches the permissions by the role's name, to that of the account which the stack is deployed to.
        reject(
            "grantee",
            f"of account {account}",
            "a role of the table's account, which the stack does not name: give the stack its account, "
            "Stack(..., env=Environment(account=..., region=...)), or import the role by Role.from_role_name(...)",
        )
    # CDK drops such a grant without a word: the other account's role cannot be changed from here.
    reject(
        "grantee",
        f"of account {account}",
        f"a role of account {environment.account}: make one there that account {account} may assume, such as "
        f"Role(..., assumed_by=AccountPrincipal({account!r})), and grant to it; "
        "or name the role in SecureTable(other_accounts=OtherAccounts(...))",
    )


def _require_policy_updates(role: IRole) -> None:
    """Reject a role whose policies CDK does not change, although it reports each grant as successful.

    `ImmutableRole` wraps another role. jsii hides the class, but as a dependency the wrapped role takes its place.
    """
    if [root.node.path for root in Dependable.of(role).dependency_roots] != [role.node.path]:
        reject(
            "grantee",
            "a role without policy updates",
            "a role that CDK may add policies to, imported with mutable=True or in its own account; "
            "or grant to a ManagedPolicy(..., roles=[role])",
        )
