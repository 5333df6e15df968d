"""An app with one table, to run as it is: `python quickstart.py` writes its template to `cdk.out`."""

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_sns_subscriptions import EmailSubscription

from secure_ddb import Ownership, SecureTable

app = App(outdir="cdk.out")
stack = Stack(app, "Orders", env=Environment(region="eu-central-1"))
table = SecureTable(
    stack,
    "Table",
    partition_key=Attribute(name="pk", type=AttributeType.STRING),
    ownership=Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod"),
)
# Who gets the alarms has to confirm the mail.
table.alarm_topic.add_subscription(EmailSubscription("on-call@example.com"))
app.synth()
