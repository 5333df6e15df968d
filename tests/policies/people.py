"""The configuration of people who sign in through identity providers: operators, readers and auditors of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb import AuditorRole, OidcSignIn, OperatorRole, ReaderRole, SamlSignIn
from tests.orders import orders

if TYPE_CHECKING:
    from aws_cdk import Stack

_PROVIDER = "arn:aws:iam::111122223333"
COMPANY = SamlSignIn(provider=f"{_PROVIDER}:saml-provider/Company", issuer="https://id.example.com/saml")
WORKFORCE = OidcSignIn(
    provider=f"{_PROVIDER}:oidc-provider/id.example.com/workforce",
    audience="orders-readers",
    session_tags={"job": "reader", "team": "*"},
)
TAGGED = SamlSignIn(
    provider=f"{_PROVIDER}:saml-provider/Company", issuer="https://id.example.com/saml", session_tags={"job": "auditor"}
)


def people(stack: Stack) -> None:
    """A table with a role for each kind of people."""
    table = orders(stack)
    OperatorRole(stack, "Operator", sign_in=COMPANY, mfa_stated_by="SEC-151").manage(table)
    ReaderRole(stack, "Reader", sign_in=WORKFORCE).read(table, attributes=["status"])
    AuditorRole(stack, "Auditor", sign_in=TAGGED).audit(table)
