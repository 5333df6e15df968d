"""The command `python -m examples.change_stream`: synthesizes the follower of changes, with every check."""

from aws_cdk import Environment

from examples.change_stream.stack import ChangeStreamStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
ChangeStreamStack(app, "ChangeStream", env=environment)

raise SystemExit(synthesize(app))
