"""An app with one table, to run as it is: `python quickstart.py` writes its template to `cdk.out`."""

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType

from secure_ddb import Ownership, SecureTable

app = App(outdir="cdk.out")
stack = Stack(app, "Orders", env=Environment(region="eu-central-1"))
SecureTable(
    stack,
    "Table",
    partition_key=Attribute(name="pk", type=AttributeType.STRING),
    ownership=Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod"),
)
app.synth()
