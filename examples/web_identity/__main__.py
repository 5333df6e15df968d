"""The command `python -m examples.web_identity`: synthesizes the profiles with users of Cognito, with every check.

With the CDK CLI, `-c provider=ARN -c client=ID` takes users of an OpenID Connect provider of the account instead.
"""

from aws_cdk import Environment

from examples.web_identity.identities import CognitoIdentities, OidcIdentities
from examples.web_identity.settings import ProfileSettings
from examples.web_identity.stack import ProfilesStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
provider, client = (app.node.try_get_context(name) for name in ("provider", "client"))
ProfilesStack(
    app,
    "Profiles",
    settings=ProfileSettings(company_networks=["203.0.113.0/24"]),
    identities=(
        (lambda stack: OidcIdentities(stack, "Identities", provider=provider, audience=client or ""))
        if provider
        else (lambda stack: CognitoIdentities(stack, "Identities"))
    ),
    env=environment,
    termination_protection=True,
)

raise SystemExit(synthesize(app))
