"""Reads an existing table from AWS: nothing is unknown there, unless the credentials may not ask for it.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from secure_ddb.adoption.existing import AdoptionError, Origin
from secure_ddb.adoption.known import Known
from secure_ddb.adoption.scaling import DEFAULT_TARGET, Scaling
from secure_ddb.adoption.table_properties import chosen_warm_throughput, read_table, table_throughputs
from secure_ddb.cloudformation.values import at, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.adoption.existing import ExistingTable

_STACK_TAG = "aws:cloudformation:stack-name"
_LOGICAL_ID_TAG = "aws:cloudformation:logical-id"
_PROVISIONED = "PROVISIONED"


class Account(Protocol):
    """The requests to AWS. Each response is as boto3 returns it, or None if there is nothing of the kind."""

    def describe_table(self, name: str) -> Mapping[str, Any]:
        """Return `Table`."""

    def tags(self, arn: str) -> list[dict[str, str]]:
        """Return all tags."""

    def continuous_backups(self, name: str) -> Mapping[str, Any]:
        """Return `ContinuousBackupsDescription`."""

    def time_to_live(self, name: str) -> Mapping[str, Any]:
        """Return `TimeToLiveDescription`."""

    def insights(self, name: str, index: str) -> Mapping[str, Any]:
        """Return the response of `describe_contributor_insights` for the table, or for one of its indexes."""

    def policy(self, arn: str) -> str | None:
        """Return the resource policy of a table or a stream."""

    def kinesis(self, name: str) -> list[Mapping[str, Any]]:
        """Return `KinesisDataStreamDestinations`."""

    def key_manager(self, key: str) -> str | None:
        """Return whose key it is, `AWS` or `CUSTOMER`; None if the credentials may not ask."""

    def scalable_targets(self, resource_ids: list[str]) -> list[Mapping[str, Any]]:
        """Return `ScalableTargets`."""

    def scaling_policies(self, resource_id: str) -> list[Mapping[str, Any]]:
        """Return `ScalingPolicies`."""


def table_in_account(account: Account, name: str) -> ExistingTable:
    """Return a table as it is.

    Raises:
        AdoptionError: It is being created or deleted, or strongly consistent across Regions.
    """
    table = account.describe_table(name)
    arn = str(table["TableArn"])
    _, _, _, region, number, _ = arn.split(":", 5)
    place = f"{name} in {region}"
    if table.get("TableStatus") not in {"ACTIVE", "UPDATING"}:
        raise AdoptionError(f"{place} is {table.get('TableStatus')}; allowed: a table that is ACTIVE")
    if table.get("MultiRegionConsistency") == "STRONG":
        raise AdoptionError(f"{place}: a table with multi-Region strong consistency cannot be taken over")
    tags = account.tags(arn)
    system = {each["Key"]: each["Value"] for each in tags}
    indexes = [str(each["IndexName"]) for each in table.get("GlobalSecondaryIndexes", ())]
    replicas = tuple(
        _replica(each) for each in table.get("Replicas", ()) if each.get("RegionName") not in (None, region)
    )
    return read_table(
        Known(place, _properties(account, table, tags, indexes)),
        table_throughputs(name, _scalings(account, table, indexes)),
        name=name,
        region=region,
        account=number,
        origin=Origin.CLOUDFORMATION if _STACK_TAG in system else Origin.UNKNOWN,
        stack=system.get(_STACK_TAG, ""),
        address=system.get(_LOGICAL_ID_TAG, ""),
        replicas=replicas,
    )


def _present(**properties: object) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in (None, {}, [])}


def _properties(
    account: Account, table: Mapping[str, Any], tags: list[dict[str, str]], indexes: list[str]
) -> dict[str, Any]:
    """Return the properties in the shape of `AWS::DynamoDB::Table`."""
    name, arn = str(table["TableName"]), str(table["TableArn"])
    billing = _billing(table)
    ttl = account.time_to_live(name)
    recovery = at(account.continuous_backups(name), "PointInTimeRecoveryDescription")
    stream = table.get("StreamSpecification") or {}
    stream_arn = table.get("LatestStreamArn") if stream.get("StreamEnabled") else None
    kinesis = next((each for each in account.kinesis(name) if each.get("DestinationStatus") == "ACTIVE"), {})
    return _present(
        TableName=name,
        BillingMode=billing,
        AttributeDefinitions=table.get("AttributeDefinitions"),
        KeySchema=table.get("KeySchema"),
        **_throughput(table, billing),
        GlobalSecondaryIndexes=[
            {
                **_chosen(each, "IndexName", "KeySchema", "Projection"),
                **_throughput(each, billing),
                **_insights(account, name, str(each["IndexName"])),
            }
            for each in table.get("GlobalSecondaryIndexes", ())
            if each["IndexName"] in indexes
        ],
        LocalSecondaryIndexes=[
            _chosen(each, "IndexName", "KeySchema", "Projection") for each in table.get("LocalSecondaryIndexes", ())
        ],
        TimeToLiveSpecification=_present(
            Enabled=ttl.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}, AttributeName=ttl.get("AttributeName")
        ),
        TableClass=at(table, "TableClassSummary", "TableClass"),
        SSESpecification=_encryption(account, table),
        StreamSpecification=_present(
            StreamViewType=stream.get("StreamViewType") if stream_arn else None,
            ResourcePolicy=_policy(account, str(stream_arn)) if stream_arn else None,
        ),
        KinesisStreamSpecification=_chosen(kinesis, "StreamArn", "ApproximateCreationDateTimePrecision"),
        PointInTimeRecoverySpecification=_present(
            PointInTimeRecoveryEnabled=at(recovery, "PointInTimeRecoveryStatus") == "ENABLED",
            RecoveryPeriodInDays=at(recovery, "RecoveryPeriodInDays"),
        ),
        DeletionProtectionEnabled=table.get("DeletionProtectionEnabled"),
        ResourcePolicy=_policy(account, arn),
        Tags=tags,
        **_insights(account, name, ""),
    )


def _chosen(answer: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: answer[name] for name in names if name in answer}


def _billing(table: Mapping[str, Any]) -> str:
    # A table that was never on demand has no summary.
    return str(at(table, "BillingModeSummary", "BillingMode") or _PROVISIONED)


def _throughput(answer: Mapping[str, Any], billing: str) -> dict[str, Any]:
    limits = "ProvisionedThroughput" if billing == _PROVISIONED else "OnDemandThroughput"
    warm = _chosen(answer.get("WarmThroughput") or {}, "ReadUnitsPerSecond", "WriteUnitsPerSecond")
    return _chosen(answer, limits) | _present(WarmThroughput=chosen_warm_throughput(warm))


def _insights(account: Account, name: str, index: str) -> dict[str, Any]:
    found = account.insights(name, index)
    if found.get("ContributorInsightsStatus") not in {"ENABLED", "ENABLING"}:
        return {}
    return {
        "ContributorInsightsSpecification": _present(Enabled=True, Mode=found.get("ContributorInsightsMode")),
    }


def _policy(account: Account, arn: str) -> dict[str, Any] | None:
    text = account.policy(arn)
    return {"PolicyDocument": json.loads(text)} if text else None


def _encryption(account: Account, table: Mapping[str, Any]) -> dict[str, Any] | None:
    described = table.get("SSEDescription") or {}
    if described.get("Status") not in {"ENABLED", "UPDATING"}:
        return None
    key = described.get("KMSMasterKeyArn")
    manager = account.key_manager(str(key)) if key else "AWS"
    if manager is None:
        # Of the key of AWS one cannot tell by its ARN.
        return {"SSEEnabled": unknown("owner of the key")}
    return _present(SSEEnabled=True, KMSMasterKeyId=None if manager == "AWS" else key)


def _replica(described: Mapping[str, Any]) -> dict[str, Any]:
    key = described.get("KMSMasterKeyId")
    return {"Region": described["RegionName"], **_present(SSESpecification=_present(KMSMasterKeyId=key))}


def _scalings(account: Account, table: Mapping[str, Any], indexes: list[str]) -> Iterator[Scaling]:
    name = str(table["TableName"])
    if _billing(table) != _PROVISIONED:
        return
    targets = account.scalable_targets([f"table/{name}", *(f"table/{name}/index/{index}" for index in indexes)])
    for target in targets:
        resource, dimension = str(target["ResourceId"]), str(target["ScalableDimension"])
        tracked = [
            at(policy, "TargetTrackingScalingPolicyConfiguration", "TargetValue")
            for policy in account.scaling_policies(resource)
            if policy.get("ScalableDimension") == dimension
        ]
        goal = next((int(each) for each in tracked if each), DEFAULT_TARGET)
        yield Scaling(resource, dimension, int(target["MinCapacity"]), int(target["MaxCapacity"]), goal)
