"""The command `python -m examples.tokenization`: synthesizes the token service, with every check."""

from aws_cdk import Environment

from examples.tokenization.stack import Caller, TokenizationStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
TokenizationStack(
    app,
    "Tokenization",
    callers={
        "Billing": Caller(purpose="payment", per_minute=60),
        "Support": Caller(purpose="contact", per_minute=10),
    },
    env=environment,
)

raise SystemExit(synthesize(app))
