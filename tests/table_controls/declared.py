"""Tables that are declared elsewhere, and controls around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Tags
from aws_cdk.aws_dynamodb import (
    ContributorInsightsMode,
    ContributorInsightsSpecification,
    PointInTimeRecoverySpecification,
    StreamViewType,
    TableEncryptionV2,
    TableV2,
)
from aws_cdk.aws_iam import PolicyDocument
from aws_cdk.aws_kms import Key

from secure_ddb import TableControls
from secure_ddb.context import stack_environment
from secure_ddb.encryption.table_key import table_statements
from tests.orders import OWNERSHIP, PK

if TYPE_CHECKING:
    from aws_cdk import Stack
    from aws_cdk.aws_dynamodb import ITableV2

KEY_ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"
TABLE_ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
STREAM_ARN = f"{TABLE_ARN}/stream/2026-01-01T00:00:00.000"


def table_of_app(stack: Stack, **arguments: Any) -> TableV2:
    """Return a table as its owner declares one that has what only its declaration can have."""
    statements = table_statements(stack_environment(stack))
    key = Key(
        stack,
        "OrdersKey",
        enable_key_rotation=True,
        policy=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
    )
    given = {
        "partition_key": PK,
        "table_name": "orders",
        "encryption": TableEncryptionV2.customer_managed_key(key),
        "dynamo_stream": StreamViewType.NEW_AND_OLD_IMAGES,
        "deletion_protection": True,
        "point_in_time_recovery_specification": PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True, recovery_period_in_days=35
        ),
        "contributor_insights_specification": ContributorInsightsSpecification(
            enabled=True, mode=ContributorInsightsMode.THROTTLED_KEYS
        ),
    }
    table = TableV2(stack, "Orders", **{**given, **arguments})
    tags = {
        "Owner": OWNERSHIP.owner,
        "CostCenter": OWNERSHIP.cost_center,
        "Application": OWNERSHIP.application,
        "Environment": OWNERSHIP.environment,
        "DataClassification": "confidential",
    }
    for resource in (table, key):
        for name, value in tags.items():
            Tags.of(resource).add(name, value)
    return table


def table_of_terraform(stack: Stack, **arguments: Any) -> ITableV2:
    """Return a table of which only its ARNs are known."""
    given = {
        "table_arn": TABLE_ARN,
        "table_stream_arn": STREAM_ARN,
        "encryption_key": Key.from_key_arn(stack, "ForeignKey", KEY_ARN),
    }
    return TableV2.from_table_attributes(stack, "Foreign", **{**given, **arguments})


def controls(stack: Stack, table: ITableV2, **arguments: Any) -> TableControls:
    """Return controls with what they have to be given."""
    given = {"partition_key": PK, "ownership": OWNERSHIP, **arguments}
    return TableControls(stack, "OrdersControls", table=table, **given)
