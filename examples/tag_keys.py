"""A company's own keys for the mandatory tags. docs/settings.md shows parts of this file."""

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType

from secure_ddb import Ownership, SecureTable, TagKeys

KEY = Attribute(name="pk", type=AttributeType.STRING)
OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod")


def app_with_own_tag_keys(outdir: str) -> App:
    """Make an app whose tables are tagged with the keys of the company."""
    app = App(outdir=outdir)
    TagKeys(owner="team", cost_center="finance:cost-center").apply_to(app)
    stack = Stack(app, "Orders", env=Environment(region="eu-central-1"))
    SecureTable(stack, "Table", partition_key=KEY, ownership=OWNERSHIP)
    return app
