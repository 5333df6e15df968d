"""The command `python -m examples.web_identity`: synthesizes the profiles with users of Cognito, with every check."""

from aws_cdk import Environment

from examples.web_identity.settings import ProfileSettings
from examples.web_identity.stack import ProfilesStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
ProfilesStack(
    app,
    "Profiles",
    settings=ProfileSettings(company_networks=["203.0.113.0/24"]),
    env=environment,
    termination_protection=True,
)

raise SystemExit(synthesize(app))
