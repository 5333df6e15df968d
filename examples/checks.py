"""This library's rules in another app: they check every table in it, whatever created it."""

from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_dynamodb import Attribute, AttributeType, TableV2

from secure_ddb import SecureDdbChecks


def checked_app(outdir: str) -> App:
    """Make an app with a table of CDK's own, as it is by default; its synth is refused for what that lacks."""
    app = App(outdir=outdir)
    Validations.of(app).add_plugins(SecureDdbChecks())
    stack = Stack(app, "Orders", env=Environment(region="eu-central-1"))
    TableV2(stack, "Table", partition_key=Attribute(name="pk", type=AttributeType.STRING))
    return app
