"""Tables in one Region: billing, encryption, streams, protection, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnTag, RemovalPolicy
from aws_cdk.aws_dynamodb import (
    AttributeType,
    Billing,
    Capacity,
    ContributorInsightsMode,
    ContributorInsightsSpecification,
    PointInTimeRecoverySpecification,
    StreamViewType,
    TableClass,
    TableEncryptionV2,
    WarmThroughput,
)
from aws_cdk.aws_kinesis import Stream
from aws_cdk.aws_kms import Key

from tests.rules.tablev2.making import BARE, KEY_OF_CDK, Example, alone, key, stack, table

if TYPE_CHECKING:
    from constructs import Construct


def own_key(scope: Construct) -> None:
    home = stack(scope)
    table(home, encryption=TableEncryptionV2.customer_managed_key(Key(home, "Key")))


def kinesis(scope: Construct) -> None:
    home = stack(scope)
    table(home, kinesis_stream=Stream(home, "Changes"))


PROVISIONED = Billing.provisioned(
    read_capacity=Capacity.fixed(10), write_capacity=Capacity.autoscaled(max_capacity=10, seed_capacity=20)
)
EXAMPLES = {
    "nothing but a partition key": Example(alone()),
    "sort key": Example(alone(sort_key=key("sk", AttributeType.NUMBER))),
    "on demand": Example(alone(billing=Billing.on_demand())),
    "on demand up to a maximum": Example(
        alone(billing=Billing.on_demand(max_read_request_units=100, max_write_request_units=115)), BARE | {"MON16"}
    ),
    "provisioned": Example(alone(billing=PROVISIONED), BARE | {"MON16", "OPS3"}),
    "warm throughput": Example(
        alone(warm_throughput=WarmThroughput(read_units_per_second=15000, write_units_per_second=20000))
    ),
    "table class": Example(alone(table_class=TableClass.STANDARD_INFREQUENT_ACCESS)),
    "key of DynamoDB": Example(alone(encryption=TableEncryptionV2.dynamo_owned_key())),
    "key of AWS in the account": Example(alone(encryption=TableEncryptionV2.aws_managed_key())),
    "customer managed key": Example(own_key, BARE - {"ENC1"} | KEY_OF_CDK),
    "stream": Example(alone(dynamo_stream=StreamViewType.NEW_AND_OLD_IMAGES), BARE - {"AUD1"}),
    "stream of keys": Example(alone(dynamo_stream=StreamViewType.KEYS_ONLY)),
    # CDK encrypts the stream with the key of AWS.
    "Kinesis stream": Example(kinesis, BARE | {"ENC12"}),
    "Contributor Insights": Example(
        alone(
            contributor_insights_specification=ContributorInsightsSpecification(
                enabled=True, mode=ContributorInsightsMode.ACCESSED_AND_THROTTLED_KEYS
            )
        ),
        BARE - {"MON11"},
    ),
    "deletion protection": Example(alone(deletion_protection=True), BARE - {"BAK3"}),
    "removed with its stack": Example(alone(removal_policy=RemovalPolicy.DESTROY), BARE | {"BAK4"}),
    "point-in-time recovery": Example(
        alone(
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
        ),
        BARE - {"BAK1"},
    ),
    "four days of recovery": Example(
        alone(
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=4
            )
        ),
        BARE - {"BAK1"} | {"BAK2"},
    ),
    "tags": Example(alone(tags=[CfnTag(key="Team", value="payments")])),
}
