"""A platform team's shared resources, and two teams whose tables use them."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_backup import BackupPlan
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_sns import Topic
from constructs import Construct

from secure_ddb import (
    ExistingAuditFunction,
    ExistingSharedResources,
    Ownership,
    SecureTable,
    SharedResources,
    publish_names,
    published_shared_resources,
)


class PlatformStack(Stack):
    """What tables of this account and Region share."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the shared resources."""
        super().__init__(scope, id, **stack_properties)
        self.shared = SharedResources(
            self,
            "Shared",
            ownership=Ownership(
                owner="platform@example.com", cost_center="CC-1", application="platform", environment="prod"
            ),
        )
        publish_names(self.shared, "/platform/shared")


class TeamStack(Stack):
    """The table of a team."""

    def __init__(self, scope: Construct, id: str, *, shared: SharedResources, **stack_properties: Any) -> None:
        """Make a table that uses the shared resources."""
        super().__init__(scope, id, **stack_properties)
        SecureTable(
            self,
            "Table",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=Ownership(
                owner=f"{id.lower()}@example.com", cost_center="CC-1042", application=id.lower(), environment="prod"
            ),
            shared_resources=shared,
        )


class OtherAppStack(Stack):
    """A table of another app, which knows the shared resources by their ARNs."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make a table that uses the shared resources of the platform team's app."""
        super().__init__(scope, id, **stack_properties)
        shared = ExistingSharedResources(
            audit=ExistingAuditFunction(
                alias_arn="arn:aws:lambda:eu-central-1:111122223333:function:Platform-Audit:secure-ddb",
                role_arn="arn:aws:iam::111122223333:role/secure-ddb/Platform-AuditRole",
                failure_bucket_arn="arn:aws:s3:::platform-audit-failures",
            ),
            alarm_topic=Topic.from_topic_arn(self, "Alarms", "arn:aws:sns:eu-central-1:111122223333:platform-alarms"),
            backup_plan=BackupPlan.from_backup_plan_id(self, "Plan", "0123abcd-0123-abcd-0123-0123456789ab"),
        )
        SecureTable(
            self,
            "Carts",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=Ownership(
                owner="carts@example.com", cost_center="CC-1042", application="carts", environment="prod"
            ),
            table_name="carts",
            shared_resources=shared,
        )


class PublishedStack(Stack):
    """A table of another app, which reads what the platform team has published."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make a table that uses the shared resources, whatever they are called."""
        super().__init__(scope, id, **stack_properties)
        SecureTable(
            self,
            "Carts",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=Ownership(
                owner="carts@example.com", cost_center="CC-1042", application="carts", environment="prod"
            ),
            table_name="carts",
            shared_resources=published_shared_resources(self, "/platform/shared"),
        )
