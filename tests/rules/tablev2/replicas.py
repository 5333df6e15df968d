"""Global tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnTag, RemovalPolicy
from aws_cdk.aws_cloudwatch import Alarm
from aws_cdk.aws_dynamodb import (
    Billing,
    Capacity,
    ContributorInsightsSpecification,
    GlobalTableSettingsReplicationMode,
    ITableV2,
    MultiRegionConsistency,
    PointInTimeRecoverySpecification,
    ReplicaTableProps,
    StreamViewType,
    TableClass,
    TableEncryptionV2,
    TableV2,
    TableV2MultiAccountReplica,
)
from aws_cdk.aws_kinesis import Stream
from aws_cdk.aws_kms import Key

from tests.rules.tablev2.making import ACCOUNT, KEY_OF_CDK, OTHER_ACCOUNT, REPLICATED, Example, alone, stack, table

if TYPE_CHECKING:
    from constructs import Construct

EAST = ("us-east-1", "us-east-2")
KEYS = {region: f"arn:aws:kms:{region}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab" for region in EAST}


def replicas(*regions: str) -> list[ReplicaTableProps]:
    return [ReplicaTableProps(region=region) for region in regions or EAST]


def added(scope: Construct) -> None:
    made = table(stack(scope), replicas=replicas("us-east-1"))
    made.add_replica(region="us-east-2", deletion_protection=True)


def keys(scope: Construct) -> None:
    home = stack(scope)
    table(home, encryption=TableEncryptionV2.customer_managed_key(Key(home, "Key"), KEYS), replicas=replicas())


def kinesis(scope: Construct) -> None:
    home = stack(scope)
    elsewhere = Stream.from_stream_arn(home, "Elsewhere", f"arn:aws:kinesis:us-east-2:{ACCOUNT}:stream/changes")
    table(
        home,
        kinesis_stream=Stream(home, "Changes"),
        replicas=[
            ReplicaTableProps(region="us-east-1"),
            ReplicaTableProps(region="us-east-2", kinesis_stream=elsewhere),
        ],
    )


def alarm(scope: Construct) -> None:
    home = stack(scope)
    _alarm(home, table(home, replicas=replicas()))


def alarm_on_a_replica(scope: Construct) -> None:
    made = table(stack(scope), replicas=replicas())
    _alarm(stack(scope, "Elsewhere", "us-east-1"), made.replica("us-east-1"))


def _alarm(home: Construct, of: ITableV2) -> None:
    Alarm(home, "Alarm", metric=of.metric_consumed_read_capacity_units(), evaluation_periods=1, threshold=1)


def two_accounts(scope: Construct) -> None:
    mode = GlobalTableSettingsReplicationMode.ALL
    source = table(stack(scope), table_name="orders", global_table_settings_replication_mode=mode)
    _replica(stack(scope, "Elsewhere", "us-east-1", OTHER_ACCOUNT), source)


def replica_of_an_imported_table(scope: Construct) -> None:
    home = stack(scope, "Elsewhere", "us-east-1", OTHER_ACCOUNT)
    _replica(home, TableV2.from_table_arn(home, "Source", f"arn:aws:dynamodb:us-west-2:{ACCOUNT}:table/orders"))


def _replica(home: Construct, source: ITableV2) -> None:
    TableV2MultiAccountReplica(
        home,
        "Replica",
        table_name="orders",
        replica_source_table=source,
        global_table_settings_replication_mode=GlobalTableSettingsReplicationMode.ALL,
    )


def source_for_another_account(scope: Construct) -> None:
    mode = GlobalTableSettingsReplicationMode.ALL
    source = table(stack(scope), table_name="orders", global_table_settings_replication_mode=mode)
    source.grants.multi_account_replication_to(f"arn:aws:dynamodb:us-east-1:{OTHER_ACCOUNT}:table/orders")


EXAMPLES = {
    "replicas": Example(alone(replicas=replicas()), REPLICATED),
    "replica that is added": Example(added, REPLICATED),
    "replicas with settings of their own": Example(
        alone(
            contributor_insights_specification=ContributorInsightsSpecification(enabled=True),
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
            replicas=[
                ReplicaTableProps(
                    region="us-east-1",
                    table_class=TableClass.STANDARD_INFREQUENT_ACCESS,
                    point_in_time_recovery_specification=PointInTimeRecoverySpecification(
                        point_in_time_recovery_enabled=False
                    ),
                ),
                ReplicaTableProps(
                    region="us-east-2",
                    contributor_insights_specification=ContributorInsightsSpecification(enabled=False),
                ),
            ],
        ),
        REPLICATED,
    ),
    "replicas with keys": Example(keys, REPLICATED - {"ENC1"} | KEY_OF_CDK),
    "replicas with capacity": Example(
        alone(
            billing=Billing.provisioned(
                read_capacity=Capacity.fixed(10), write_capacity=Capacity.autoscaled(max_capacity=15)
            ),
            replicas=[
                ReplicaTableProps(region="us-east-1"),
                ReplicaTableProps(
                    region="us-east-2",
                    read_capacity=Capacity.autoscaled(max_capacity=20, target_utilization_percent=50),
                ),
            ],
        ),
        REPLICATED | {"MON16", "OPS3"},
    ),
    # OLD_IMAGE does not show what was written.
    "replicas with a stream": Example(
        alone(dynamo_stream=StreamViewType.OLD_IMAGE, replicas=replicas()), REPLICATED | {"AUD1"}
    ),
    "replicas with Kinesis streams": Example(kinesis, REPLICATED | {"ENC12"}),
    "replicas that are removed with the stack": Example(
        alone(removal_policy=RemovalPolicy.DESTROY, replicas=replicas()), REPLICATED | {"BAK4"}
    ),
    "one replica that is not protected": Example(
        alone(
            deletion_protection=True,
            replicas=[
                ReplicaTableProps(region="us-east-1", deletion_protection=False),
                ReplicaTableProps(region="us-east-2", deletion_protection=True),
            ],
        ),
        REPLICATED,
    ),
    "replica with tags": Example(
        alone(replicas=[ReplicaTableProps(region="us-east-1", tags=[CfnTag(key="Team", value="payments")])]), REPLICATED
    ),
    "strong consistency": Example(
        alone(multi_region_consistency=MultiRegionConsistency.STRONG, replicas=replicas()), REPLICATED - {"MON13"}
    ),
    "strong consistency with a witness": Example(
        alone(
            multi_region_consistency=MultiRegionConsistency.STRONG,
            replicas=replicas("us-east-1"),
            witness_region="us-east-2",
        ),
        REPLICATED - {"MON13"},
    ),
    # It does nothing when it rings.
    "alarm": Example(alarm, REPLICATED | {"MON7"}),
    "alarm on a replica": Example(alarm_on_a_replica, REPLICATED | {"MON7"}),
    "replica in another account": Example(two_accounts),
    "replica of an imported table": Example(replica_of_an_imported_table),
    "source for another account": Example(source_for_another_account),
}
