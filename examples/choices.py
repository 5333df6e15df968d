"""Settings of a table. docs/settings.md shows parts of this file."""

from datetime import date
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_logs import RetentionDays
from aws_cdk.aws_s3 import Bucket, BucketEncryption
from constructs import Construct

from secure_ddb import (
    AlarmSettings,
    ArchiveSettings,
    AuditSettings,
    BackupSettings,
    DataClassification,
    EncryptionSettings,
    Lifecycle,
    OrganizationTrail,
    Ownership,
    PerimeterSettings,
    SecureTable,
    Waiver,
)

KEY = Attribute(name="pk", type=AttributeType.STRING)
OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod")


class ChoicesStack(Stack):
    """Tables that differ from the default, each in one way."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the tables."""
        super().__init__(scope, id, **stack_properties)
        self._settings()
        self._waiver()
        self._sandbox()
        self._finding()

    def _settings(self) -> None:
        SecureTable(
            self,
            "Payments",
            partition_key=KEY,
            ownership=OWNERSHIP,
            classification=DataClassification.RESTRICTED,
            perimeter=PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
            encryption=EncryptionSettings(rotation_period=Duration.days(180)),
            backup=BackupSettings(
                daily_retention=Duration.days(35),
                weekly_retention=Duration.days(90),
                monthly_retention=Duration.days(3650),
            ),
            audit=AuditSettings(
                log_retention=RetentionDays.TEN_YEARS,
                reads=OrganizationTrail(trail="all-accounts", stated_by="SEC-144"),
                archive=ArchiveSettings(retention=Duration.days(3653)),
            ),
            alarms=AlarmSettings(latency=Duration.millis(25)),
        )

    def _waiver(self) -> None:
        SecureTable(
            self,
            "SearchIndex",
            partition_key=KEY,
            ownership=OWNERSHIP,
            backup=Waiver(reason="rebuilt nightly from S3", approved_by="SEC-142", expires=date(2027, 12, 31)),
        )

    def _sandbox(self) -> None:
        SecureTable(
            self,
            "Sandbox",
            partition_key=KEY,
            ownership=OWNERSHIP,
            classification=DataClassification.INTERNAL,
            lifecycle=Lifecycle.ephemeral(reason="integration tests"),
        )

    def _finding(self) -> None:
        bucket = Bucket(self, "Uploads", encryption=BucketEncryption.S3_MANAGED, enforce_ssl=True)
        waiver = Waiver(reason="logs go to the account's trail", approved_by="SEC-143", expires=date(2027, 12, 31))
        waiver.acknowledge(bucket, "AwsSolutions::AwsSolutions-S1")
