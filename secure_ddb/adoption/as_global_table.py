"""Writes an existing table as an `AWS::DynamoDB::GlobalTable`, the type that a `SecureTable` has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.adoption.existing import KeyOwner
from secure_ddb.adoption.scaling import DEFAULT_TARGET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secure_ddb.adoption.existing import Capacity, ExistingTable, Index, KeyAttribute

Properties = dict[str, Any]


def global_table_properties(table: ExistingTable) -> Properties:
    """Return the properties of the resource without unknown ones."""
    keys = [table.partition_key, *([table.sort_key] if table.sort_key else [])]
    indexes = [*table.global_indexes, *table.local_indexes]
    attributes = dict.fromkeys(
        [*keys, *(each for index in indexes for each in (*index.partition_keys, *index.sort_keys))]
    )
    limits, ours = table.throughput, not table.on_demand
    return _present(
        TableName=table.name,
        AttributeDefinitions=[{"AttributeName": each.name, "AttributeType": each.type} for each in attributes],
        KeySchema=_key_schema(keys[:1], keys[1:]),
        BillingMode="PAY_PER_REQUEST" if table.on_demand else "PROVISIONED",
        GlobalSecondaryIndexes=[_global_index(each, provisioned=ours) for each in table.global_indexes],
        LocalSecondaryIndexes=[_index(each) for each in table.local_indexes],
        WriteProvisionedThroughputSettings=_write_settings(limits.write) if ours else None,
        WriteOnDemandThroughputSettings=None if ours else _present(MaxWriteRequestUnits=limits.most_writes),
        WarmThroughput=_present(ReadUnitsPerSecond=limits.warm_reads, WriteUnitsPerSecond=limits.warm_writes),
        StreamSpecification={"StreamViewType": table.stream} if table.stream else None,
        TimeToLiveSpecification={"AttributeName": table.time_to_live, "Enabled": True} if table.time_to_live else None,
        SSESpecification=_encryption(table),
        Replicas=[_replica(table), *table.replicas],
    )


def _present(**properties: object) -> Properties:
    return {name: value for name, value in properties.items() if value not in (None, {}, [])}


def _key_schema(partition: tuple[KeyAttribute, ...] | list[KeyAttribute], sort: Any) -> list[Properties]:  # noqa: ANN401
    return [
        *({"AttributeName": each.name, "KeyType": "HASH"} for each in partition),
        *({"AttributeName": each.name, "KeyType": "RANGE"} for each in sort),
    ]


def _index(index: Index) -> Properties:
    return {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.partition_keys, index.sort_keys),
        "Projection": _present(ProjectionType=index.projection, NonKeyAttributes=list(index.included)),
    }


def _global_index(index: Index, *, provisioned: bool) -> Properties:
    limits = index.throughput
    return {
        **_index(index),
        **_present(
            WriteProvisionedThroughputSettings=_write_settings(limits.write) if provisioned else None,
            WriteOnDemandThroughputSettings=None if provisioned else _present(MaxWriteRequestUnits=limits.most_writes),
            WarmThroughput=_present(ReadUnitsPerSecond=limits.warm_reads, WriteUnitsPerSecond=limits.warm_writes),
        ),
    }


def _write_settings(capacity: Capacity | None) -> Properties | None:
    # The type knows no fixed capacity for writes.
    return {"WriteCapacityAutoScalingSettings": _scaling(capacity)} if capacity else None


def _scaling(capacity: Capacity) -> Properties:
    return {
        "MinCapacity": capacity.least,
        "MaxCapacity": capacity.most,
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": capacity.target or DEFAULT_TARGET},
    }


def _read_settings(capacity: Capacity | None) -> Properties | None:
    if capacity is None:
        return None
    if capacity.target is None:
        return {"ReadCapacityUnits": capacity.least}
    return {"ReadCapacityAutoScalingSettings": _scaling(capacity)}


def _reads(limits: Any, *, provisioned: bool) -> Properties:  # noqa: ANN401 - a Throughput
    return _present(
        ReadProvisionedThroughputSettings=_read_settings(limits.read) if provisioned else None,
        ReadOnDemandThroughputSettings=None if provisioned else _present(MaxReadRequestUnits=limits.most_reads),
    )


def _insights(mode: str | None) -> Properties | None:
    return {"Enabled": True, "Mode": mode} if mode else None


def _encryption(table: ExistingTable) -> Properties | None:
    if table.key_owner in {KeyOwner.AWS, KeyOwner.CUSTOMER}:
        return {"SSEEnabled": True, "SSEType": "KMS"}
    return None


def _replica(table: ExistingTable) -> Properties:
    provisioned = not table.on_demand
    indexes = [
        {"IndexName": each.name, **settings}
        for each in table.global_indexes
        if (
            settings := {
                **_reads(each.throughput, provisioned=provisioned),
                **_present(ContributorInsightsSpecification=_insights(each.insights)),
            }
        )
    ]
    recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": table.recovery_days}
    return {
        "Region": table.region or {"Ref": "AWS::Region"},
        **_reads(table.throughput, provisioned=provisioned),
        **_present(
            GlobalSecondaryIndexes=indexes,
            ContributorInsightsSpecification=_insights(table.insights),
            DeletionProtectionEnabled=True if table.protected else None,
            KinesisStreamSpecification=_present(
                StreamArn=table.kinesis_stream, ApproximateCreationDateTimePrecision=table.kinesis_precision
            ),
            PointInTimeRecoverySpecification=recovery if table.recovery_days else None,
            ReplicaStreamSpecification=_policy(table.stream_policy),
            ResourcePolicy=None if table.policy is None else {"PolicyDocument": table.policy},
            SSESpecification={"KMSMasterKeyId": table.key_arn} if table.key_arn else None,
            TableClass=None if table.table_class == "STANDARD" else table.table_class,
            Tags=[{"Key": key, "Value": value} for key, value in table.tags],
        ),
    }


def _policy(document: Mapping[str, Any] | None) -> Properties | None:
    return None if document is None else {"ResourcePolicy": {"PolicyDocument": document}}
