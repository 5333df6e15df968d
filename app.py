"""The reference app: three stacks, every check. Run it with `make synth`, or with the CDK CLI."""

from aws_cdk import Environment

from examples.bring_your_own import BringYourOwnStack
from examples.minimal import MinimalStack
from examples.shared_network import SharedNetworkStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
MinimalStack(app, "Minimal", env=environment, termination_protection=True)
SharedNetworkStack(app, "SharedNetwork", env=environment, termination_protection=True)
BringYourOwnStack(app, "BringYourOwn", env=environment, termination_protection=True)

raise SystemExit(synthesize(app))
