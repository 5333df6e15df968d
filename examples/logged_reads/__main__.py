"""The command `python -m examples.logged_reads`: synthesizes the service with logged reads, with every check."""

from aws_cdk import Environment

from examples.logged_reads.stack import LoggedReadsStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
LoggedReadsStack(app, "LoggedReads", env=environment)

raise SystemExit(synthesize(app))
