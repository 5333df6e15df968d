"""What a company sets once for all tables of an app, and more for its production stage."""

from datetime import date

from aws_cdk import App, Environment, Stack, Stage
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_logs import RetentionDays

from secure_ddb import (
    AuditSettings,
    DataClassification,
    Ownership,
    SecureTable,
    SharedResources,
    TableDefaults,
    Waiver,
    WaiverPolicy,
)

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")


def app_with_company_defaults(outdir: str) -> App:
    """Make an app whose tables follow the company."""
    app = App(outdir=outdir)
    company = Ownership(owner="platform@example.com", cost_center="CC-1", application="orders", environment="prod")
    WaiverPolicy(longest_days=180, approved_by="SEC-[0-9]+").apply_to(app)
    TableDefaults(ownership=company).apply_to(app)

    production = Stage(app, "Production", env=ENVIRONMENT)
    platform = Stack(production, "Platform")
    TableDefaults(
        least_classification=DataClassification.CONFIDENTIAL,
        shared_resources=SharedResources(
            platform, "Shared", ownership=company, audit=AuditSettings(log_retention=RetentionDays.TWO_YEARS)
        ),
    ).apply_to(production)

    orders = Stack(production, "Orders")
    SecureTable(orders, "Table", partition_key=Attribute(name="pk", type=AttributeType.STRING))
    return app


def waiver_of_a_team(expires: date) -> Waiver:
    """Return a waiver that the company's policy allows for 180 days."""
    return Waiver(reason="rebuilt nightly from S3", approved_by="SEC-142", expires=expires)
