"""The command `python -m examples.erasure`: synthesizes the tables and the roles, with every check."""

from aws_cdk import Environment

from examples.erasure.stack import ErasureStack
from secure_ddb import SamlSignIn
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
company = SamlSignIn(provider="arn:aws:iam::111122223333:saml-provider/Company", issuer="https://id.example.com/saml")
ErasureStack(app, "Erasure", sign_in=company, env=environment)

raise SystemExit(synthesize(app))
