"""The command `python -m examples.loading`: synthesizes the table, the exports and the role, with every check."""

from aws_cdk import Environment

from examples.loading.stack import LoadingStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
LoadingStack(app, "Loading", issuer="id.example.com", subject="repo:example/catalog:environment:prod", env=environment)

raise SystemExit(synthesize(app))
