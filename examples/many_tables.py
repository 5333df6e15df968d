"""Many tables in a few stacks: shared settings of a platform team, and tables of other teams."""

from __future__ import annotations

from aws_cdk import App, Duration, Environment, Stack, Stage
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument

from secure_ddb import (
    AuditSettings,
    DataClassification,
    DeliverySettings,
    LeastRetention,
    NamedTable,
    Ownership,
    SecureTable,
    SharedResources,
    TableDefaults,
    TableNaming,
    TagKeys,
    WaiverPolicy,
    permissions_boundary,
)

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
PLATFORM = Ownership(owner="platform@example.com", cost_center="CC-1", application="platform", environment="prod")
KEY = Attribute(name="pk", type=AttributeType.STRING)


def table_name(table: NamedTable) -> str:
    """Return the name of a table that has none of its own, such as `team3-prod-table7`."""
    return f"{table.ownership.application}-{table.ownership.environment}-{table.id}".lower()


def fill(app: App, *, tables: int, stacks: int) -> Stage:
    """Make tables in as many stacks, one for each team, in a production stage.

    Args:
        app: The app, with nothing in it yet.
        tables: How many tables there are in all; the stacks have equally many.
        stacks: How many stacks there are, in addition to the platform team's.
    """
    WaiverPolicy(longest_days=180, approved_by="SEC-[0-9]+").apply_to(app)
    TableDefaults(
        tag_keys=TagKeys(owner="acme:owner"),
        table_naming=TableNaming(pattern="[a-z0-9]+-prod-[a-z]+[0-9]*", make=table_name),
        least_retention=LeastRetention(log_retention=Duration.days(400)),
        least_classification=DataClassification.CONFIDENTIAL,
    ).apply_to(app)

    production = Stage(app, "Production", env=ENVIRONMENT)
    platform = Stack(production, "Platform", termination_protection=True)
    # The roles that AWS services use for tables do what no other role may, such as ending a backup.
    guardrail = permissions_boundary(exempt_roles=["arn:aws:iam::111122223333:role/secure-ddb/*"])
    boundary = ManagedPolicy(platform, "Boundary", document=PolicyDocument.from_json(guardrail))
    TableDefaults(
        shared_resources=SharedResources(platform, "Shared", ownership=PLATFORM),
        permissions_boundary=boundary,
    ).apply_to(production)

    for number in range(stacks):
        team(Stack(production, f"Team{number}", termination_protection=True), f"team{number}", tables // stacks)
    return production


def team(stack: Stack, name: str, tables: int) -> None:
    """Make the tables of a team, the last with audit settings of its own."""
    owner = Ownership(owner=f"{name}@example.com", cost_center="CC-1042", application=name, environment="prod")
    for number in range(tables - 1):
        SecureTable(stack, f"Table{number}", partition_key=KEY, ownership=owner)
    SecureTable(
        stack,
        f"Table{tables - 1}",
        partition_key=KEY,
        ownership=owner,
        audit=AuditSettings(clear_attributes=["status"], delivery=DeliverySettings(batch_size=10, retries=20)),
    )
