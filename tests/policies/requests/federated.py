"""Managing the table for people of identity providers, whose MFA is a claim: configuration `federated_operators`."""

from __future__ import annotations

from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, ON_INDEX
from tests.policies.requests.control_plane import INSIGHTS, MANAGED, further_routes
from tests.policies.requests.row import MFA, PLAIN, Context, Row, allowed, denied, not_allowed

_SSO = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com"
_CHANGING = ("dynamodb:PutResourcePolicy", "dynamodb:DeleteTable", "dynamodb:DescribeTable")


def saml(name_qualifier: str) -> Context:
    """Return what AWS knows of a session of `AssumeRoleWithSAML`."""
    return {"saml:namequalifier": name_qualifier, "saml:sub": "alice", "saml:sub_type": "persistent"}


def oidc(provider: str) -> Context:
    """Return what AWS knows of a session of `AssumeRoleWithWebIdentity`."""
    return {"aws:FederatedProvider": provider}


def role(arn: str) -> Context:
    """Return what AWS knows of a session of Identity Center, which is its role."""
    return {"aws:PrincipalArn": arn}


# By OpenSSL: printf %s https://id.example.com/saml111122223333/Company | openssl sha1 -binary | base64
COMPANY = saml("zRSaqxVeItVHI+kYVROLTqM4+gA=")
PROVIDER = "arn:aws:iam::111122223333:oidc-provider/id.example.com/workforce"
OPERATORS = role(f"{_SSO}/eu-central-1/AWSReservedSSO_Operators_0123456789abcdef")


def managing(who: str, sessions: tuple[Context, ...], others: dict[str, Context]) -> tuple[Row, ...]:
    """Return what a role may do in sessions of its provider, and what in no others."""
    first, administrator = sessions[0], f"{who} with full access"
    return (
        *further_routes(administrator, first, others),
        *(allowed(who, action, "table", first) for action in MANAGED),
        allowed(who, ON_INDEX[0], "index by-status", first),
        denied("keys of items in CloudWatch", who, INSIGHTS, "table", first),
        *(allowed(who, "dynamodb:UpdateTable", "table", session) for session in sessions[1:]),
        *(
            denied(f"management by {name}", administrator, action, "table", other)
            for name, other in others.items()
            for action in CONTROL_PLANE
        ),
        *(
            denied(f"an index's insights by {name}", administrator, ON_INDEX[1], "index by-status", other)
            for name, other in others.items()
        ),
        *(
            denied(f"management by {name}", who, action, "table", other)
            for name, other in others.items()
            for action in _CHANGING
        ),
        *(
            denied("items or a copy of them, by who manages the table", administrator, action, "table", first)
            for action in (*DATA_PLANE, *COPY_OF_ALL_ITEMS)
        ),
        denied("items by an index", administrator, "dynamodb:Query", "index by-status", first),
        denied("management on a wire that can be tapped", who, "dynamodb:UpdateTable", "table", first, PLAIN),
        not_allowed("another table", who, "dynamodb:DeleteTable", "another table", first),
        not_allowed("another table's insights", who, ON_INDEX[0], "index of another table", first),
        not_allowed("another action on an index", who, "dynamodb:DescribeTable", "index by-status", first),
        not_allowed("a new table", who, "dynamodb:CreateTable", "table", first),
    )


ROWS = (
    *managing(
        "SamlOperator",
        (COMPANY,),
        {
            "a session of no provider": {},
            "a session with MFA of AWS": MFA,
            "a session of another SAML provider": saml("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        },
    ),
    *managing(
        "OidcOperator",
        (oidc("id.example.com/workforce"), oidc(PROVIDER)),
        {
            "a session of no provider": {},
            "a session with MFA of AWS": MFA,
            "a session of another provider": oidc("id.example.com/customers"),
            "a session of a provider whose name begins alike": oidc(f"{PROVIDER}2"),
        },
    ),
    *managing(
        "CenterOperator",
        (OPERATORS, role(f"{_SSO}/AWSReservedSSO_Operators_0123456789abcdef")),
        {
            "a role of the account": {},
            "a session with MFA of AWS": MFA,
            "another permission set": role(f"{_SSO}/eu-central-1/AWSReservedSSO_Readers_0123456789abcdef"),
            "a permission set whose name begins alike": role(
                f"{_SSO}/eu-central-1/AWSReservedSSO_Operators_Readers_0123456789abcdef"
            ),
            "a role that is called like Identity Center's": role(
                "arn:aws:iam::111122223333:role/AWSReservedSSO_Operators_0123456789abcdef"
            ),
        },
    ),
)
