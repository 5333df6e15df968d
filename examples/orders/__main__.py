"""The command `python -m examples.orders`: synthesizes the order service, with every check."""

from aws_cdk import Environment

from examples.orders.stack import OrdersStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
OrdersStack(app, "OrderService", env=environment)

raise SystemExit(synthesize(app))
