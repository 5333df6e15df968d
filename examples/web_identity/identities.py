"""Who users are: identities of Amazon Cognito, or of the company's own OpenID Connect provider, and their roles."""

from __future__ import annotations

from typing import Any, Protocol

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_cognito import (
    AccountRecovery,
    AuthFlow,
    CfnIdentityPool,
    CfnIdentityPoolPrincipalTag,
    CfnIdentityPoolRoleAttachment,
    CfnUserPoolGroup,
    ClientAttributes,
    FeaturePlan,
    Mfa,
    MfaSecondFactor,
    PasswordPolicy,
    StandardThreatProtectionMode,
    StringAttribute,
    UserPool,
    UserPoolClient,
)
from aws_cdk.aws_iam import FederatedPrincipal, Role
from constructs import Construct

from examples.web_identity.fields import DEPARTMENT
from examples.web_identity.settings import refuse
from secure_ddb import LeadingKeys

COGNITO = "cognito-identity.amazonaws.com"
# Groups of the user pool, and values of the tag `job` of another provider.
EMPLOYEES, MANAGERS = "employees", "managers"


class Identities(Protocol):
    """Users who sign in.

    Attributes:
        employee: Role of every employee.
        manager: Role of those who lead a department.
        own: The partition key of a user's own items.
    """

    employee: Role
    manager: Role
    own: LeadingKeys


class CognitoIdentities(Construct):
    """A user pool, whose groups are the two roles, and an identity pool, which gives their users sessions.

    Attributes:
        employee: Role of every employee.
        manager: Role of those who lead a department.
        own: The id that the identity pool gives a user.
        user_pool: Where users are; administrators add them.
        client: The application.
        identity_pool: Gives credentials to users of that application.
    """

    own = LeadingKeys.web_identity(f"{COGNITO}:sub")

    def __init__(self, scope: Construct, id: str) -> None:
        """Make the pools and the roles."""
        super().__init__(scope, id)
        self.user_pool = self._users()
        self.client = self._application()
        self.identity_pool = CfnIdentityPool(
            self,
            "IdentityPool",
            allow_unauthenticated_identities=False,
            # In the classic flow users get a token with which they choose a role themselves.
            # https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
            allow_classic_flow=False,
            cognito_identity_providers=[
                CfnIdentityPool.CognitoIdentityProviderProperty(
                    client_id=self.client.user_pool_client_id,
                    provider_name=self.user_pool.user_pool_provider_name,
                    # Otherwise a user who was signed out or deleted gets credentials as long as the token is valid.
                    server_side_token_check=True,
                )
            ],
        )
        self.employee, self.manager = (
            self._role(f"{name}Role", {DEPARTMENT: "?*"}) for name in ("Employee", "Manager")
        )
        self._choose_roles()

    def _users(self) -> UserPool:
        return UserPool(
            self,
            "UserPool",
            self_sign_up_enabled=False,
            account_recovery=AccountRecovery.NONE,
            mfa=Mfa.REQUIRED,
            mfa_second_factor=MfaSecondFactor(otp=True, sms=False),
            password_policy=PasswordPolicy(
                min_length=14,
                require_digits=True,
                require_lowercase=True,
                require_symbols=True,
                require_uppercase=True,
                temp_password_validity=Duration.days(1),
            ),
            feature_plan=FeaturePlan.PLUS,
            standard_threat_protection_mode=StandardThreatProtectionMode.FULL_FUNCTION,
            custom_attributes={DEPARTMENT: StringAttribute(min_len=1, max_len=64, mutable=True)},
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _application(self) -> UserPoolClient:
        readable = ClientAttributes().with_standard_attributes(fullname=True)
        return self.user_pool.add_client(
            "Application",
            # It runs on the users' machines, which keep no secret.
            generate_secret=False,
            # The password is proven and never sent.
            auth_flows=AuthFlow(user_srp=True),
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            id_token_validity=Duration.hours(1),
            access_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.hours(12),
            read_attributes=readable.with_custom_attributes(DEPARTMENT),
            # Not the department: users may write what the application may, and would choose it themselves.
            # https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
            write_attributes=readable,
        )

    def _role(self, id: str, tags: dict[str, str]) -> Role:
        """Make a role for users who have signed in, and not for guests, of this identity pool, and not of others.

        https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools-security-best-practices.html
        """
        claims = {
            "StringEquals": {f"{COGNITO}:aud": self.identity_pool.ref},
            "ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"},
        }
        return _role(self, id, COGNITO, claims, tags)

    def _choose_roles(self) -> None:
        """Let a user's group choose the role, and the user's department be a tag of the session."""
        for name, role, precedence in ((EMPLOYEES, self.employee, 20), (MANAGERS, self.manager, 10)):
            CfnUserPoolGroup(
                self,
                f"{name.capitalize()}Group",
                group_name=name,
                user_pool_id=self.user_pool.user_pool_id,
                role_arn=role.role_arn,
                precedence=precedence,
            )
        provider = self.user_pool.user_pool_provider_name
        CfnIdentityPoolPrincipalTag(
            self,
            "Tags",
            identity_pool_id=self.identity_pool.ref,
            identity_provider_name=provider,
            principal_tags={DEPARTMENT: f"custom:{DEPARTMENT}"},
            use_defaults=False,
        )
        CfnIdentityPoolRoleAttachment(
            self,
            "Roles",
            identity_pool_id=self.identity_pool.ref,
            roles={"authenticated": self.employee.role_arn},
            role_mappings={
                "UserPool": CfnIdentityPoolRoleAttachment.RoleMappingProperty(
                    identity_provider=f"{provider}:{self.client.user_pool_client_id}",
                    type="Token",
                    # Who is in no group gets nothing.
                    ambiguous_role_resolution="Deny",
                )
            },
        )


class OidcIdentities(Construct):
    """Users of an OpenID Connect provider that IAM knows already. Its tokens have the tags `department` and `job`.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html

    Attributes:
        employee: Role of every employee.
        manager: Role of those who lead a department.
        own: The `sub` of a user's token.
    """

    def __init__(self, scope: Construct, id: str, *, provider: str, audience: str) -> None:
        """Make the roles.

        Args:
            scope: The stack.
            id: Construct id.
            provider: ARN of the provider in IAM.
            audience: Client id of the application.

        Raises:
            ValueError: The ARN is none of an OpenID Connect provider, or the audience is empty.
        """
        super().__init__(scope, id)
        name = provider.partition(":oidc-provider/")[2]
        if not name:
            refuse("provider", provider, "arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH")
        if not audience:
            refuse("audience", audience, "the client id of the application, -c client=ID")
        claims = {"StringEquals": {f"{name}:aud": audience}}
        self.employee, self.manager = (
            _role(self, role, provider, claims, {DEPARTMENT: "?*", "job": job})
            for role, job in (("EmployeeRole", EMPLOYEES), ("ManagerRole", MANAGERS))
        )
        self.own = LeadingKeys.web_identity(f"{name}:sub")


def _role(scope: Construct, id: str, provider: str, claims: dict[str, Any], tags: dict[str, str]) -> Role:
    """Make a role for users of a provider whose tokens have these claims and these tags, and no other tags.

    https://docs.aws.amazon.com/cognito/latest/developerguide/using-attributes-for-access-control-policy-example.html
    """
    conditions = {
        **claims,
        "StringLike": {f"aws:RequestTag/{key}": value for key, value in tags.items()},
        "ForAllValues:StringEquals": {"aws:TagKeys": list(tags)},
    }
    principal = FederatedPrincipal(provider, conditions, "sts:AssumeRoleWithWebIdentity").with_session_tags()
    return Role(scope, id, assumed_by=principal, max_session_duration=Duration.hours(1))
