"""A role for users who sign in to an application with Amazon Cognito."""

from __future__ import annotations

from typing import Any

from tests.rules.cases.making import Cases, Change, P, perhaps
from tests.rules.handwritten.making import ACCOUNT, KEY_ARN, PARAMETER, allow, grants

COGNITO = "cognito-identity.amazonaws.com"
WORKFORCE = "id.example.com/workforce"
OWN_PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{WORKFORCE}"
OWN_ITEMS = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [f"${{{COGNITO}:sub}}"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
SIGNED_IN = {
    "StringEquals": {f"{COGNITO}:aud": "eu-central-1:11111111-2222-4333-8444-555555555555"},
    "ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"},
}
WEB_IDENTITY: list[Change] = [
    (
        "User",
        {
            "Type": "AWS::IAM::Role",
            P: {
                "AssumeRolePolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Federated": COGNITO},
                            "Action": "sts:AssumeRoleWithWebIdentity",
                            "Condition": SIGNED_IN,
                        }
                    ]
                }
            },
        },
    ),
    (
        "UserPolicy",
        {
            "Type": "AWS::IAM::ManagedPolicy",
            P: {
                "Roles": [{"Ref": "User"}],
                **grants(
                    allow("dynamodb:GetItem", {"Fn::GetAtt": "Table.Arn"}, **OWN_ITEMS), allow("kms:Decrypt", KEY_ARN)
                ),
            },
        },
    ),
]
TRUST = f"User/{P}/AssumeRolePolicyDocument/Statement/0"
GRANT = f"UserPolicy/{P}/PolicyDocument/Statement/0"


def users(*changes: Change) -> list[Change]:
    """Return the role with something else in its trust or grant."""
    return [*WEB_IDENTITY, *changes]


def of_provider(provider: Any, condition: Any) -> list[Change]:
    """Return a role for users of another provider, that reaches every item."""
    principal = (f"{TRUST}/Principal", {"Federated": provider})
    return users(principal, (f"{TRUST}/Condition", condition), (f"{GRANT}/Condition", None))


CLIENT = {"StringEquals": {f"{WORKFORCE}:aud": "orders"}}
# Roles whose users the trust policy names.
NAMED = [
    of_provider(OWN_PROVIDER, {"StringEquals": {f"{WORKFORCE}:aud": "orders", f"{WORKFORCE}:sub": "alice"}}),
    of_provider(OWN_PROVIDER, {**CLIENT, "StringLike": {"aws:RequestTag/job": "reader"}}),
]
CASES: dict[str, Cases] = {
    "IAM14": Cases(
        broken=[
            users((f"{GRANT}/Condition", None)),
            users((f"{GRANT}/Condition/Null", None)),
            users((f"{GRANT}/Condition", {"Null": {"dynamodb:LeadingKeys": "false"}})),
            users((f"{GRANT}/Condition", {"StringLike": {"dynamodb:LeadingKeys": "*"}})),
            users((f"{GRANT}/Condition", {"StringEquals": {"aws:PrincipalTag/job": "reader"}})),
            users((f"{GRANT}/Condition", None), (f"{GRANT}/Action", "dynamodb:ExportTableToPointInTime")),
            users((f"{GRANT}/Condition", None), (f"{GRANT}/Action", "dynamodb:*")),
            *(of_provider(name, {"StringEquals": {f"{name}:aud": "orders"}}) for name in ("accounts.google.com",)),
            # Whose subject is one of theirs, the company does not know.
            of_provider("www.amazon.com", {"StringEquals": {"www.amazon.com:app_id": "orders"}}),
            of_provider([OWN_PROVIDER, "graph.facebook.com"], CLIENT),
        ],
        unknown=[
            users((f"{GRANT}/Condition", perhaps(OWN_ITEMS))),
            users((f"{GRANT}/Condition", None), (f"{GRANT}/Action", [PARAMETER, "dynamodb:DescribeTable"])),
            of_provider(OWN_PROVIDER, CLIENT),
            of_provider(PARAMETER, CLIENT),
            of_provider(OWN_PROVIDER, {**CLIENT, "StringLike": {"aws:RequestTag/job": "?*"}}),
            of_provider(OWN_PROVIDER, {**CLIENT, "StringNotEquals": {"aws:RequestTag/job": "guest"}}),
        ],
    ),
    "IAM15": Cases(
        broken=[
            *(
                users((f"{TRUST}/Condition/ForAnyValue:StringLike/{COGNITO}:amr", value))
                for value in ("unauthenticated", "*", "*authenticated", ["authenticated", "unauthenticated"])
            ),
            users((f"{TRUST}/Condition", {"ForAllValues:StringLike": {f"{COGNITO}:amr": "authenticated"}})),
            users((f"{TRUST}/Condition", {"Null": {f"{COGNITO}:amr": "false"}})),
        ],
        unknown=[
            users((f"{TRUST}/Condition/ForAnyValue:StringLike/{COGNITO}:amr", PARAMETER)),
            users((f"{TRUST}/Condition/ForAnyValue:StringLike", None)),
            users((f"{TRUST}/Condition", perhaps(SIGNED_IN))),
        ],
    ),
}
