"""Reads the properties of an `AWS::DynamoDB::GlobalTable`: its own, and those of the replica in the stack's Region.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.adoption.existing import AdoptionError, Capacity, Throughput
from secure_ddb.adoption.known import Known
from secure_ddb.adoption.scaling import DEFAULT_TARGET
from secure_ddb.adoption.table_properties import read_table, warm
from secure_ddb.cloudformation.values import as_list, at

if TYPE_CHECKING:
    from secure_ddb.adoption.existing import ExistingTable

# Of the replica, by the name that an AWS::DynamoDB::Table has for it.
_OF_REPLICA = (
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "KinesisStreamSpecification",
    "PointInTimeRecoverySpecification",
    "ResourcePolicy",
    "TableClass",
    "Tags",
)


def read_global_table(
    known: Known,
    *,
    name: str,
    region: str,
    account: str,
    **others: Any,  # noqa: ANN401 - as of read_table
) -> ExistingTable:
    """Return the table that properties describe; arguments as of `read_table`.

    Raises:
        AdoptionError: It is strongly consistent across Regions, its own replica cannot be told from the others, or
            what every table has is missing or known only at deployment.
    """
    properties = known.properties
    if properties.get("MultiRegionConsistency") == "STRONG":
        raise AdoptionError(
            f"{known.place}: a table with multi-Region strong consistency cannot be taken over; allowed: a table that "
            "one Region can serve, or replicas with eventual consistency"
        )
    replica, replicas = _replicas(known, region)
    region = region or (str(replica["Region"]) if Known.is_known(replica.get("Region")) else "")
    merged = Known(known.place, {**properties, **{key: replica[key] for key in _OF_REPLICA if key in replica}})
    key = at(replica, "SSESpecification", "KMSMasterKeyId")
    if key is not None and isinstance(properties.get("SSESpecification"), dict):
        merged.properties["SSESpecification"] = {**properties["SSESpecification"], "KMSMasterKeyId": key}
    policy = at(replica, "ReplicaStreamSpecification", "ResourcePolicy")
    if policy is not None and isinstance(properties.get("StreamSpecification"), dict):
        merged.properties["StreamSpecification"] = {**properties["StreamSpecification"], "ResourcePolicy": policy}
    merged.properties["GlobalSecondaryIndexes"] = _with_insights(properties, replica)

    def throughput(_: Known, index: str) -> Throughput:
        return _throughput(merged, _named(properties, index), _named(replica, index))

    return read_table(merged, throughput, name=name, region=region, account=account, replicas=replicas, **others)


def _replicas(known: Known, region: str) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """Return the replica of the stack's Region, and the others."""
    listed = as_list(known.properties.get("Replicas"))
    if not listed or not all(isinstance(each, dict) for each in listed):
        raise AdoptionError(f"{known.place}: Replicas is known only at deployment; read the table with --table")
    if len(listed) == 1:
        return listed[0], ()
    regions = [str(each.get("Region")) for each in listed]
    if region not in regions:
        raise AdoptionError(
            f"{known.place} has replicas in {', '.join(regions)}; name the Region of its stack with --region"
        )
    if not Known.is_known(listed):
        raise AdoptionError(f"{known.place}: a replica is known only at deployment; read the table with --table")
    own = regions.index(region)
    return listed[own], tuple(each for position, each in enumerate(listed) if position != own)


def _named(holder: dict[str, Any], index: str) -> dict[str, Any]:
    if not index:
        return holder
    indexes = as_list(holder.get("GlobalSecondaryIndexes"))
    return next((each for each in indexes if at(each, "IndexName") == index), {})


def _with_insights(properties: dict[str, Any], replica: dict[str, Any]) -> Any:  # noqa: ANN401
    indexes = properties.get("GlobalSecondaryIndexes")
    if not isinstance(indexes, list):
        return indexes
    name = "ContributorInsightsSpecification"
    return [
        {**each, **{key: value for key, value in _named(replica, str(at(each, "IndexName"))).items() if key == name}}
        if isinstance(each, dict)
        else each
        for each in indexes
    ]


def _throughput(known: Known, own: dict[str, Any], of_replica: dict[str, Any]) -> Throughput:
    # Writes are the same in all Regions, reads are each replica's.
    writes, reads = Known(known.place, own), Known(known.place, of_replica)
    found = Throughput(
        read=_capacity(reads, "ReadProvisionedThroughputSettings", "Read"),
        write=_capacity(writes, "WriteProvisionedThroughputSettings", "Write"),
        most_reads=reads.number("ReadOnDemandThroughputSettings.MaxReadRequestUnits", "billing"),
        most_writes=writes.number("WriteOnDemandThroughputSettings.MaxWriteRequestUnits", "billing"),
        **warm(writes),
    )
    for each in (writes, reads):
        known.unknown.update(each.unknown)
    return found


def _capacity(known: Known, settings: str, dimension: str) -> Capacity | None:
    scaling = f"{settings}.{dimension}CapacityAutoScalingSettings"
    least, most = (known.number(f"{scaling}.{name}", "billing") for name in ("MinCapacity", "MaxCapacity"))
    if least is not None and most is not None:
        target = known.number(f"{scaling}.TargetTrackingScalingPolicyConfiguration.TargetValue", "billing")
        return Capacity(least=least, most=most, target=target or DEFAULT_TARGET)
    units = known.number(f"{settings}.{dimension}CapacityUnits", "billing")
    return None if units is None else Capacity(least=units, most=units)
