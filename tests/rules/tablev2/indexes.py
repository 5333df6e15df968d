"""Secondary indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import (
    AttributeType,
    Billing,
    Capacity,
    ContributorInsightsSpecification,
    GlobalSecondaryIndexPropsV2,
    LocalSecondaryIndexProps,
    ReplicaGlobalSecondaryIndexOptions,
    ReplicaTableProps,
)

from tests.rules.tablev2.making import BARE, REPLICATED, Example, alone, key, stack, table

if TYPE_CHECKING:
    from constructs import Construct

ONE = GlobalSecondaryIndexPropsV2(index_name="one", partition_key=key("pk"))
SEVERAL_KEYS = GlobalSecondaryIndexPropsV2(
    index_name="several",
    partition_keys=[key("tenant"), key("year", AttributeType.NUMBER)],
    sort_keys=[key("month"), key("hash", AttributeType.BINARY)],
)
LOCAL = LocalSecondaryIndexProps(index_name="local", sort_key=key("date", AttributeType.NUMBER))
PROVISIONED = Billing.provisioned(read_capacity=Capacity.fixed(10), write_capacity=Capacity.autoscaled(max_capacity=10))
READS = GlobalSecondaryIndexPropsV2(index_name="reads", partition_key=key("pk"), read_capacity=Capacity.fixed(15))
WRITES = GlobalSecondaryIndexPropsV2(
    index_name="writes", partition_key=key("pk"), write_capacity=Capacity.autoscaled(min_capacity=5, max_capacity=20)
)


def added(scope: Construct) -> None:
    made = table(stack(scope), global_secondary_indexes=[ONE])
    made.add_global_secondary_index(index_name="two", partition_key=key("pk"))


def added_local(scope: Construct) -> None:
    made = table(stack(scope), sort_key=key("sk", AttributeType.NUMBER), local_secondary_indexes=[LOCAL])
    made.add_local_secondary_index(index_name="other", sort_key=key("sk2", AttributeType.NUMBER))


EXAMPLES = {
    "global index": Example(alone(global_secondary_indexes=[ONE])),
    "global index with several keys": Example(alone(global_secondary_indexes=[SEVERAL_KEYS])),
    "global index that is added": Example(added),
    "global indexes with capacity": Example(
        alone(billing=PROVISIONED, global_secondary_indexes=[READS, WRITES]), BARE | {"MON16", "OPS3"}
    ),
    "global indexes of replicas": Example(
        alone(
            contributor_insights_specification=ContributorInsightsSpecification(enabled=True),
            billing=PROVISIONED,
            global_secondary_indexes=[READS, WRITES],
            replicas=[
                ReplicaTableProps(
                    region="us-east-1",
                    global_secondary_index_options={
                        "reads": ReplicaGlobalSecondaryIndexOptions(
                            read_capacity=Capacity.autoscaled(min_capacity=1, max_capacity=10)
                        )
                    },
                ),
                ReplicaTableProps(
                    region="us-east-2",
                    global_secondary_index_options={
                        "writes": ReplicaGlobalSecondaryIndexOptions(
                            contributor_insights_specification=ContributorInsightsSpecification(enabled=False)
                        )
                    },
                ),
            ],
        ),
        REPLICATED - {"MON11"} | {"MON16", "OPS3"},
    ),
    "local index": Example(alone(sort_key=key("sk"), local_secondary_indexes=[LOCAL])),
    "local index that is added": Example(added_local),
}
