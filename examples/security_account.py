"""The archive of a security account, and a table of another account whose audit log goes there."""

from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_sns import Topic
from constructs import Construct

from secure_ddb import (
    ArchiveDestination,
    AuditDestination,
    AuditSettings,
    DataClassification,
    Ownership,
    PerimeterSettings,
    SecureTable,
)

SECURITY = Ownership(owner="security@example.com", cost_center="CC-9", application="audit", environment="prod")
PAYMENTS = Ownership(owner="payments@example.com", cost_center="CC-1042", application="cards", environment="prod")


class SecurityStack(Stack):
    """The archive, in the security account."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the archive for the logs of one account."""
        super().__init__(scope, id, **stack_properties)
        alarms = Topic.from_topic_arn(self, "Alarms", "arn:aws:sns:eu-central-1:444455556666:security-alarms")
        self.audit = AuditDestination(
            self,
            "Audit",
            source_accounts=["111122223333"],
            alarm_topic=alarms,
            ownership=SECURITY,
        )


class CardsStack(Stack):
    """A table of another account."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table, which has no archive of its own."""
        super().__init__(scope, id, **stack_properties)
        SecureTable(
            self,
            "Cards",
            partition_key=Attribute(name="card", type=AttributeType.STRING),
            classification=DataClassification.RESTRICTED,
            perimeter=PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
            audit=AuditSettings(
                archive=ArchiveDestination(arn="arn:aws:logs:eu-central-1:444455556666:destination:secure-ddb-audit")
            ),
            ownership=PAYMENTS,
        )


def app_with_security_account(outdir: str = "cdk.out") -> App:
    """Return an app with both stacks; deploy the security account's first."""
    app = App(outdir=outdir)
    SecurityStack(app, "Security", env=Environment(account="444455556666", region="eu-central-1"))
    CardsStack(app, "Cards", env=Environment(account="111122223333", region="eu-central-1"))
    return app
