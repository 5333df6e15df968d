"""The command `python -m examples.client_side_encryption`: synthesizes the payroll, with every check."""

from aws_cdk import Environment

from examples.client_side_encryption.stack import PayrollStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
PayrollStack(app, "Payroll", reported=["acme"], env=environment)

raise SystemExit(synthesize(app))
