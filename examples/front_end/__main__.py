"""The command `python -m examples.front_end`: synthesizes the API of contacts, with every check.

With the CDK CLI, `cdk synth --app 'python -m examples.front_end' -c shield=yes` adds AWS Shield Advanced.
"""

from aws_cdk import Environment

from examples.front_end import rules
from examples.front_end.settings import FrontEndSettings, Truststore
from examples.front_end.stack import FrontEndStack
from secure_ddb.synthesis import checked_app, synthesize

app = checked_app(rules=[rules])
region = app.node.try_get_context("region") or "eu-central-1"
account = app.node.try_get_context("account")
FrontEndStack(
    app,
    "FrontEnd",
    settings=FrontEndSettings(
        domain_name="contacts.example.com",
        hosted_zone_id="Z0123456789EXAMPLE",
        zone_name="example.com",
        authority_arn=(
            f"arn:aws:acm-pca:{region}:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555"
        ),
        truststore=Truststore(bucket="example-truststore", key="authority.pem", version="3HL4kqtJvjVBH40Nrjfkd"),
        callers=["arn:aws:iam::444455556666:role/Shop", "arn:aws:iam::444455556666:role/CallCentre"],
        countries=["AT", "CH", "DE"],
        shield_advanced=app.node.try_get_context("shield") == "yes",
    ),
    env=Environment(region=region, account=account),
    termination_protection=True,
)

raise SystemExit(synthesize(app))
