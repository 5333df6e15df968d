"""The command `python -m examples.terraform_state`: synthesizes the backend of two pipelines, with every check."""

from aws_cdk import Environment

from examples.terraform_state.stack import Pipeline, TerraformStateStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app()
environment = Environment(
    region=app.node.try_get_context("region") or "eu-central-1", account=app.node.try_get_context("account")
)
TerraformStateStack(
    app,
    "TerraformState",
    bucket_name="example-terraform-states",
    pipelines={
        "Network": Pipeline(state="network/prod.tfstate", subject="repo:example/network:environment:prod"),
        "Accounts": Pipeline(state="accounts/prod.tfstate", subject="repo:example/accounts:environment:prod"),
    },
    issuer="id.example.com",
    env=environment,
    termination_protection=True,
)

raise SystemExit(synthesize(app))
