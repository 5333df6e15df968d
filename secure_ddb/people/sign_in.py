"""How people sign in, and the matching trust policy of a role (IAM-6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from aws_cdk.aws_iam import FederatedPrincipal, PolicyStatement

from secure_ddb.access.identity_provider_mfa import MACHINES, OIDC_PROVIDER, SAML_PROVIDER, IdentityProviderMfa
from secure_ddb.claim import require_claim_text
from secure_ddb.errors import reject, require_type
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.context import StackEnvironment

_ARGUMENT = "sign_in"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
_LONGEST_TAG_KEY, _LONGEST_TAG_VALUE = 128, 256


@dataclass(frozen=True, kw_only=True)
class SamlSignIn:
    """People sign in through a SAML provider, which says in its assertions who may assume which role.

    Attributes:
        provider: ARN of the provider in IAM.
        issuer: The `Issuer` of its assertions, which is the entity id in its metadata.
        session_tags: The tags that the provider sends, all of them: key to the values that may assume the role, `*` for
            any. Without it, sign-ins that send tags fail; with it, those that lack one of them.

    Raises:
        InvalidArgumentError: The ARN is none of a SAML provider, or the issuer or a tag is no text known at synth.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html
    """

    action: ClassVar[str] = "sts:AssumeRoleWithSAML"

    provider: str
    issuer: str
    session_tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reject values that AWS STS could never match."""
        require_type(f"{_ARGUMENT}.provider", self.provider, str)
        if not SAML_PROVIDER.fullmatch(self.provider):
            reject(f"{_ARGUMENT}.provider", self.provider, "arn:aws:iam::ACCOUNT:saml-provider/NAME")
        require_claim_text(f"{_ARGUMENT}.issuer", self.issuer)
        _check_tags(self.session_tags)

    def mfa(self, stated_by: str) -> IdentityProviderMfa:
        """Return the statement that this provider asks for MFA, and who states it."""
        return IdentityProviderMfa(provider=self.provider, issuer=self.issuer, stated_by=stated_by)

    def claims(self, environment: StackEnvironment) -> dict[str, Any]:
        """Return the conditions on an assertion: it is from this provider, for AWS anywhere or in this Region."""
        audience = [f"https://{part}signin.aws.amazon.com/saml" for part in ("", f"{environment.region}.")]
        return {"SAML:aud": audience, "SAML:iss": self.issuer}


@dataclass(frozen=True, kw_only=True)
class OidcSignIn:
    """People sign in through an OpenID Connect provider.

    Attributes:
        provider: ARN of the provider in IAM.
        audience: Client id that tokens are for. Everyone who gets a token for it can assume the role, unless
            `session_tags` says who: the tokens do not name the role.
        session_tags: As of `SamlSignIn`.

    Raises:
        InvalidArgumentError: The ARN is none of an OpenID Connect provider, or the provider is known to be one for
            machines; or the audience or a tag is no text known at synth.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
    """

    action: ClassVar[str] = "sts:AssumeRoleWithWebIdentity"

    provider: str
    audience: str
    session_tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reject values that AWS STS could never match, and providers for services rather than people."""
        require_type(f"{_ARGUMENT}.provider", self.provider, str)
        found = OIDC_PROVIDER.fullmatch(self.provider)
        if not found:
            reject(f"{_ARGUMENT}.provider", self.provider, "arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH")
        if MACHINES.fullmatch(found[2]):
            allowed = "a provider that people sign in to, not one for pipelines and workloads"
            reject(f"{_ARGUMENT}.provider", self.provider, allowed)
        require_claim_text(f"{_ARGUMENT}.audience", self.audience)
        _check_tags(self.session_tags)

    def mfa(self, stated_by: str) -> IdentityProviderMfa:
        """Return the statement that this provider asks for MFA, and who states it."""
        return IdentityProviderMfa(provider=self.provider, stated_by=stated_by)

    def claims(self, environment: StackEnvironment) -> dict[str, Any]:  # noqa: ARG002 - as of SamlSignIn
        """Return the conditions on a token: it is for this client."""
        return {f"{self.provider.partition(':oidc-provider/')[2]}:aud": self.audience}


SignIn = SamlSignIn | OidcSignIn


def require_sign_in(sign_in: object, environment: StackEnvironment) -> None:
    """Reject something else, and a provider of another account, for which a trust policy does not work.

    Raises:
        InvalidArgumentError: It is one of these.
    """
    require_type(_ARGUMENT, sign_in, (SamlSignIn, OidcSignIn))
    provider = str(getattr(sign_in, "provider", ""))
    if not is_token(environment.account) and provider.split(":")[4] != environment.account:
        reject(f"{_ARGUMENT}.provider", provider, f"a provider of account {environment.account}")


def trusted(sign_in: SignIn, environment: StackEnvironment) -> FederatedPrincipal:
    """Return the principal of a trust policy: sign-ins with these claims and tags."""
    conditions: dict[str, Any] = {"StringEquals": sign_in.claims(environment)}
    if sign_in.session_tags:
        conditions |= _with_tags(sign_in.session_tags)
    return FederatedPrincipal(sign_in.provider, conditions, sign_in.action)


def tagging_statement(sign_in: SignIn, environment: StackEnvironment) -> PolicyStatement | None:
    """Return the statement of a trust policy that lets the provider tag sessions, with these tags and no others.

    A statement of its own, because AWS STS knows the issuer of an assertion only when the role is assumed.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
    https://docs.aws.amazon.com/cognito/latest/developerguide/using-afac-with-cognito-identity-pools.html
    """
    if not sign_in.session_tags:
        return None
    audience = {key: value for key, value in sign_in.claims(environment).items() if key.endswith(":aud")}
    conditions = {
        "StringEquals": audience,
        **_with_tags(sign_in.session_tags),
        "ForAllValues:StringEquals": {"aws:TagKeys": list(sign_in.session_tags)},
    }
    return PolicyStatement(principals=[FederatedPrincipal(sign_in.provider, conditions)], actions=["sts:TagSession"])


def _with_tags(tags: Mapping[str, str]) -> dict[str, Any]:
    return {"StringLike": {f"aws:RequestTag/{key}": value for key, value in tags.items()}}


def _check_tags(tags: object) -> None:
    argument = f"{_ARGUMENT}.session_tags"
    require_type(argument, tags, Mapping, "a mapping of tag keys to values")
    for key, value in dict(tags).items():  # type: ignore[call-overload]
        for text, longest in ((key, _LONGEST_TAG_KEY), (value, _LONGEST_TAG_VALUE)):
            require_claim_text(argument, text)
            if len(text) > longest:
                reject(argument, text, f"at most {longest} characters")
