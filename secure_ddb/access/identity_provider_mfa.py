"""Sessions of people who sign in through an identity provider, whose MFA is a claim (CS-5, CS-10)."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import ManagedPolicy

from secure_ddb.claim import require_claim_text
from secure_ddb.errors import reject, require_type
from secure_ddb.table_evidence import MFA
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk.aws_iam import IGrantable

    from secure_ddb.context import StackEnvironment
    from secure_ddb.table_evidence import TableEvidence

# Tables of other partitions are refused, too.
SAML_PROVIDER = re.compile(r"arn:aws:iam::(\d{12}):saml-provider/([\w.-]{1,128})", re.ASCII)
OIDC_PROVIDER = re.compile(r"arn:aws:iam::(\d{12}):oidc-provider/([a-z0-9][\w.-]*(?::\d+)?(?:/[\w.~%-]+)*)", re.ASCII)
# Issuers of tokens for pipelines and workloads, which have no MFA: GitHub Actions, GitLab CI/CD, Amazon EKS, Bitbucket
# Pipelines, Buildkite, CircleCI and HCP Terraform.
# https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
# https://docs.gitlab.com/ci/cloud_services/aws/
# https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
MACHINES = re.compile(
    r"(?:[\w-]+\.)*(?:actions\.githubusercontent\.com|agent\.buildkite\.com|app\.terraform\.io|oidc\.circleci\.com)(?:[/:].*)?"
    r"|gitlab\.com(?:[/:].*)?|oidc(?:-eks)?\.eks\..*|oidc-eks\..*|api\.bitbucket\.org/.*pipelines.*",
    re.ASCII,
)
# https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PermissionSet.html
_PERMISSION_SET = re.compile(r"[\w+=,.@-]{1,32}", re.ASCII)
# As long as the suffix of Identity Center's roles. A * would match permission sets with a longer name as well.
_SUFFIX = "?" * 16


@dataclass(frozen=True, kw_only=True)
class IdentityProviderMfa:
    """The statement that people sign in with MFA at an identity provider, for `grant_control_plane`.

    No session that an identity provider starts has `aws:MultiFactorAuthPresent`. A grant with this statement allows
    those that AWS knows to be of this provider, and denies all others. Nothing here can verify that the provider asks
    for MFA: it goes into the template and into the summary, as claimed.

    Attributes:
        stated_by: The source of the statement, such as a ticket of the security team.
        provider: ARN of a SAML or OpenID Connect provider in IAM.
        issuer: The `Issuer` of a SAML provider's assertions, which is the entity id in its metadata.
        permission_set: Name of a permission set of IAM Identity Center, in place of a provider. Grant to a
            `ManagedPolicy` with a name, to which the permission set refers.

    Raises:
        InvalidArgumentError: Neither or both of provider and permission set are given, one of them is not of the form
            that AWS accepts, a SAML provider has no issuer, or the provider is known to be one for machines.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
    """

    stated_by: str
    provider: str | None = None
    issuer: str | None = None
    permission_set: str | None = None

    def __post_init__(self) -> None:
        """Reject a claim without a source, and a provider by which AWS could not tell a session."""
        require_claim_text(f"{MFA}.stated_by", self.stated_by)
        if self.permission_set is not None:
            self._check_permission_set(self.permission_set)
            return
        require_type(f"{MFA}.provider", self.provider, str, "the ARN of a provider in IAM, or permission_set")
        oidc = OIDC_PROVIDER.fullmatch(str(self.provider))
        if SAML_PROVIDER.fullmatch(str(self.provider)):
            require_claim_text(f"{MFA}.issuer", self.issuer)
        elif not oidc:
            allowed = "arn:aws:iam::ACCOUNT:saml-provider/NAME or arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH"
            reject(f"{MFA}.provider", self.provider, allowed)
        elif MACHINES.fullmatch(oidc[2]):
            reject(
                f"{MFA}.provider",
                self.provider,
                "a provider that people sign in to; pipelines and workloads have no MFA",
            )
        elif self.issuer is not None:
            reject(f"{MFA}.issuer", self.issuer, "only without an OpenID Connect provider, whose ARN names it")

    def _check_permission_set(self, name: str) -> None:
        require_type(f"{MFA}.permission_set", name, str)
        if not _PERMISSION_SET.fullmatch(name):
            reject(f"{MFA}.permission_set", name, "1 to 32 letters, digits and _ + = , . @ -")
        for argument, value in (("provider", self.provider), ("issuer", self.issuer)):
            if value is not None:
                reject(f"{MFA}.{argument}", value, "only without permission_set")

    def require_usable(self, grantee: IGrantable, environment: StackEnvironment) -> None:
        """Reject a provider of another account, and a grantee to which a permission set cannot refer.

        Source: https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CustomerManagedPolicyReference.html
        """
        if self.permission_set is None:
            found = SAML_PROVIDER.fullmatch(str(self.provider)) or OIDC_PROVIDER.fullmatch(str(self.provider))
            account = found[1] if found else ""
            if not is_token(environment.account) and account != environment.account:
                reject(f"{MFA}.provider", self.provider, f"a provider of account {environment.account}")
            return
        name = None
        if isinstance(grantee, ManagedPolicy):
            # An attribute of the resource below: the construct's own is a token always.
            name = getattr(grantee.node.default_child, "managed_policy_name", None)
        if name is None or is_token(name):
            allowed = "a ManagedPolicy(..., managed_policy_name=...): a permission set refers to a policy by its name"
            reject("grantee", grantee, allowed)

    def conditions(self, environment: StackEnvironment) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the condition that such sessions meet, and the one that all others do, those without the key included.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
        """
        if self.permission_set is not None:
            values = {"aws:PrincipalArn": _roles(self.permission_set, environment)}
            return {"ArnLike": values}, {"ArnNotLike": values}
        saml = SAML_PROVIDER.fullmatch(str(self.provider))
        if saml:
            values = {"saml:namequalifier": [_name_qualifier(str(self.issuer), *saml.groups())]}
        else:
            # AWS documents the ARN; others have observed the issuer. Either stands for this provider and no other.
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-federatedprovider
            issuer = str(self.provider).partition(":oidc-provider/")[2]
            values = {"aws:FederatedProvider": [str(self.provider), issuer]}
        return {"StringEquals": values}, {"StringNotEquals": values}

    def record(self, evidence: TableEvidence) -> None:
        """Record the claim next to those of other grants."""
        through = self.provider or f"IAM Identity Center, permission set {self.permission_set},"
        claim = f"{through} asks for MFA (stated by {self.stated_by})"
        claims = [each for each in evidence.claims.get(MFA, "").split("; ") if each]
        evidence.claims[MFA] = "; ".join(dict.fromkeys([*claims, claim]))


def _name_qualifier(issuer: str, account: str, name: str) -> str:
    """Return the `NameQualifier` that AWS STS computes of a SAML provider.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
    """
    # AWS names the provider with SHA-1. It keeps no secret.
    digest = sha1(f"{issuer}{account}/{name}".encode(), usedforsecurity=False).digest()
    return b64encode(digest).decode()


def _roles(permission_set: str, environment: StackEnvironment) -> list[str]:
    """Return the ARNs of the roles that Identity Center makes for a permission set, which only it can assume or change.

    https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
    """
    path = f"arn:{environment.partition}:iam::{environment.account}:role/aws-reserved/sso.amazonaws.com"
    # There is no Region in the path if Identity Center is in us-east-1.
    return [f"{path}/{region}AWSReservedSSO_{permission_set}_{_SUFFIX}" for region in ("", "*/")]
