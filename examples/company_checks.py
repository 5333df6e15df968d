"""An app that is checked by one pack of cdk-nag, this library's rules and a company's own."""

from aws_cdk import App, Environment, Stack, Tags
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from cdk_nag import HIPAASecurityChecks

from examples import company_rules
from secure_ddb import Ownership, SecureTable
from secure_ddb.rules import Severity
from secure_ddb.synthesis import checked_app


def company_app() -> App:
    """Make the app; findings of low severity are shown, and do not fail its synth."""
    app = checked_app(packs=[HIPAASecurityChecks()], rules=[company_rules], fail_on=Severity.MEDIUM)
    stack = Stack(app, "Orders", env=Environment(region="eu-central-1"), termination_protection=True)
    table = SecureTable(
        stack,
        "Table",
        partition_key=Attribute(name="pk", type=AttributeType.STRING),
        ownership=Ownership(
            owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod"
        ),
    )
    Tags.of(table).add(company_rules.KEPT_DAYS, "3650")
    return app
