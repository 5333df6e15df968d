"""Reads the properties of a table in the shape of `AWS::DynamoDB::Table`, which DynamoDB's own answers nearly have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from secure_ddb.adoption.existing import (
    AdoptionError,
    ExistingTable,
    Index,
    KeyAttribute,
    KeyOwner,
    Throughput,
    Unknown,
)
from secure_ddb.adoption.known import Known
from secure_ddb.adoption.scaling import capacity_of
from secure_ddb.cloudformation.values import as_bool, as_list, as_number, at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from secure_ddb.adoption.scaling import Scaling

    # Throughput of an index by its name, of the table by an empty one.
    Throughputs = Callable[[Known, str], Throughput]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_ID = re.compile(r"[0-9a-f-]{36}|mrk-[0-9a-f]{32}")
_KEY_ARN = re.compile(r"arn:aws[\w-]*:kms:[^:]+:\d+:key/.+")
_OF_AWS = ("alias/aws/dynamodb", ":alias/aws/dynamodb")
_BOTH_MODES = "ACCESSED_AND_THROTTLED_KEYS"


def read_table(
    known: Known,
    throughputs: Throughputs,
    *,
    name: str,
    region: str,
    account: str,
    **others: Any,  # noqa: ANN401 - fields of ExistingTable
) -> ExistingTable:
    """Return the table that properties describe.

    Args:
        known: The properties.
        throughputs: Reader of the throughput of the table and its indexes.
        name: The table's name; empty to take it from the properties.
        region: Its Region, if it is known.
        account: Its account, if it is known.
        others: More fields of `ExistingTable`.

    Raises:
        AdoptionError: A required property is missing or known only at deployment.
    """
    name = name or known.needed(known.properties.get("TableName"), "TableName", "give it with --name")
    if not _NAME.fullmatch(name):
        raise AdoptionError(f"{known.place}: TableName is {name}; allowed: 3 to 255 letters, digits, _, . and -")
    types = {str(at(each, "AttributeName")): at(each, "AttributeType") for each in _list(known, "AttributeDefinitions")}
    partition, sort = _keys(known, known.properties, types, "the table")
    if len(partition) != 1:
        raise AdoptionError(f"{known.place}: KeySchema has {len(partition)} HASH attributes; a table has one")
    on_demand = known.text("BillingMode", "billing") == "PAY_PER_REQUEST"
    if "BillingMode" in known.unknown:
        raise AdoptionError(f"{known.place}: BillingMode is known only at deployment; read the table with --table")
    key_owner, key_arn = _key(known, region, account)
    # Milliseconds are the default.
    precision = known.text("KinesisStreamSpecification.ApproximateCreationDateTimePrecision")
    expires = known.truth("TimeToLiveSpecification.Enabled", "time_to_live_attribute")
    recovers = known.truth("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled")
    return ExistingTable(
        place=known.place,
        name=name,
        region=region,
        account=account,
        partition_key=partition[0],
        sort_key=sort[0] if sort else None,
        global_indexes=tuple(
            _index(known, each, types, throughputs) for each in _list(known, "GlobalSecondaryIndexes")
        ),
        local_indexes=tuple(_index(known, each, types, None) for each in _list(known, "LocalSecondaryIndexes")),
        on_demand=on_demand,
        throughput=throughputs(known, ""),
        time_to_live=known.text("TimeToLiveSpecification.AttributeName", "time_to_live_attribute") if expires else None,
        table_class=known.text("TableClass", "table_class") or "STANDARD",
        key_owner=key_owner,
        key_arn=key_arn,
        stream=known.text("StreamSpecification.StreamViewType"),
        kinesis_stream=known.text("KinesisStreamSpecification.StreamArn", "kinesis_stream"),
        kinesis_precision=None if precision == "MILLISECOND" else precision,
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
        recovery_days=(known.number("PointInTimeRecoverySpecification.RecoveryPeriodInDays") or 35)
        if recovers
        else None,
        protected=known.truth("DeletionProtectionEnabled"),
        insights=_insights(known),
        policy=known.any("ResourcePolicy.PolicyDocument", "self.table.table.add_to_resource_policy(...)"),
        stream_policy=known.any("StreamSpecification.ResourcePolicy.PolicyDocument"),
        tags=_tags(known),
        unknown=tuple(known.unknown.values()),
        **others,
    )


def table_throughputs(name: str, scalings: Iterable[Scaling]) -> Throughputs:
    """Return a reader for the throughput of an `AWS::DynamoDB::Table`, with its autoscaling.

    Args:
        name: Name of the table in the ids of scalable targets.
        scalings: All that scales.
    """
    scales = list(scalings)

    def throughput(known: Known, index: str) -> Throughput:
        where = known
        if index:
            found = [each for each in _list(known, "GlobalSecondaryIndexes") if at(each, "IndexName") == index]
            where = Known(known.place, found[0])
        resource = f"table/{name}/index/{index}" if index else f"table/{name}"
        read = where.number("ProvisionedThroughput.ReadCapacityUnits", "billing")
        write = where.number("ProvisionedThroughput.WriteCapacityUnits", "billing")
        result = Throughput(
            read=capacity_of(read, resource, "Read", scales),
            write=capacity_of(write, resource, "Write", scales),
            **on_demand_limits(where, "OnDemandThroughput", "OnDemandThroughput"),
            **warm(where),
        )
        if index:
            _pass_on(where, known, index)
        return result

    return throughput


def on_demand_limits(known: Known, reads: str, writes: str) -> dict[str, int | None]:
    """Return the on-demand maxima. DynamoDB returns -1 for none."""
    found = {
        "most_reads": known.number(f"{reads}.MaxReadRequestUnits", "billing"),
        "most_writes": known.number(f"{writes}.MaxWriteRequestUnits", "billing"),
    }
    return {name: units if units and units > 0 else None for name, units in found.items()}


def warm(known: Known) -> dict[str, int | None]:
    """Return the throughput that is ready at once."""
    return {
        "warm_reads": known.number("WarmThroughput.ReadUnitsPerSecond", "warm_throughput"),
        "warm_writes": known.number("WarmThroughput.WriteUnitsPerSecond", "warm_throughput"),
    }


def chosen_warm_throughput(warm: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the throughput that is ready at once, or nothing if it is the default of on-demand tables.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
    """
    usual = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}
    return warm if any((warm.get(name) or 0) > units for name, units in usual.items()) else {}


def _pass_on(inner: Known, outer: Known, index: str) -> None:
    for each in inner.unknown.values():
        name = f"GlobalSecondaryIndexes.{index}.{each.name}"
        outer.unknown.setdefault(name, Unknown(name=name, code=each.code))


def _list(known: Known, name: str) -> list[Any]:
    value = known.properties.get(name)
    if isinstance(value, str):
        raise AdoptionError(f"{known.place}: {name} is known only at deployment; read the table with --table")
    found = as_list(value)
    if not all(isinstance(each, dict) for each in found):
        raise AdoptionError(f"{known.place}: {name} has a member that is no object, or known only at deployment")
    return found


def _keys(
    known: Known, holder: Mapping[str, Any], types: Mapping[str, Any], of_what: str
) -> tuple[tuple[KeyAttribute, ...], tuple[KeyAttribute, ...]]:
    """Return the attributes of the partition key and of the sort key."""
    found: dict[str, list[KeyAttribute]] = {"HASH": [], "RANGE": []}
    for each in as_list(holder.get("KeySchema")):
        name = known.needed(at(each, "AttributeName"), f"AttributeName in the KeySchema of {of_what}")
        kind = known.needed(types.get(name), f"AttributeType of {name}")
        role = known.needed(at(each, "KeyType"), f"KeyType of {name}")
        if role not in found or kind not in {"S", "N", "B"}:
            raise AdoptionError(f"{known.place}: {name} is {role} of type {kind}; allowed: HASH or RANGE of S, N or B")
        found[role].append(KeyAttribute(name=name, type=kind))
    return tuple(found["HASH"]), tuple(found["RANGE"])


def _index(known: Known, index: Any, types: Mapping[str, Any], throughputs: Throughputs | None) -> Index:  # noqa: ANN401
    name = known.needed(at(index, "IndexName"), "IndexName")
    partition, sort = _keys(known, index, types, name)
    of_index = Known(known.place, index)
    projection = of_index.text("Projection.ProjectionType") or "ALL"
    included = of_index.any("Projection.NonKeyAttributes")
    if of_index.unknown:
        raise AdoptionError(f"{known.place}: Projection of {name} is known only at deployment; read it with --table")
    return Index(
        name=name,
        partition_keys=partition,
        sort_keys=sort,
        projection=projection,
        included=tuple(as_list(included)) if projection == "INCLUDE" else (),
        throughput=throughputs(known, name) if throughputs else Throughput(),
        insights=_insights(of_index),
    )


def _insights(known: Known) -> str | None:
    if not known.truth("ContributorInsightsSpecification.Enabled", "contributor_insights_specification"):
        return None
    return known.text("ContributorInsightsSpecification.Mode", "contributor_insights_specification") or _BOTH_MODES


def _key(known: Known, region: str, account: str) -> tuple[KeyOwner | None, str | None]:
    enabled = known.any("SSESpecification.SSEEnabled", "encryption")
    if "SSESpecification.SSEEnabled" in known.unknown:
        return None, None
    if not as_bool(enabled):
        return KeyOwner.DYNAMODB, None
    path = "SSESpecification.KMSMasterKeyId"
    key = known.text(path, "encryption")
    if path in known.unknown:
        return KeyOwner.CUSTOMER, None
    if key is None or key.endswith(_OF_AWS):
        return KeyOwner.AWS, None
    if _ID.fullmatch(key) and region and account:
        key = f"arn:aws:kms:{region}:{account}:key/{key}"
    if not _KEY_ARN.fullmatch(key):
        # A SecureTable takes no alias, and an id alone is no ARN.
        known.unknown[path] = Unknown(name=f"the ARN of the key {key}", code="encryption")
        return KeyOwner.CUSTOMER, None
    return KeyOwner.CUSTOMER, key


def _tags(known: Known) -> tuple[tuple[str, str], ...]:
    found = []
    tags = known.properties.get("Tags")
    if not isinstance(tags, list):
        known.any("Tags", "Tags.of(self.table.table).add(...)")
        return ()
    for tag in tags:
        key, value = at(tag, "Key"), at(tag, "Value")
        if isinstance(tag, dict) and Known.is_known(key) and Known.is_known(value):
            found.append((str(key), str(value)))
        else:
            shown = f"the tag {key}" if isinstance(tag, dict) and Known.is_known(key) else "a tag"
            known.unknown[shown] = Unknown(name=shown, code="Tags.of(self.table.table).add(...)")
    # AWS sets these itself; they cannot be set.
    return tuple((key, value) for key, value in found if not key.startswith("aws:"))


def units(value: Any) -> int | None:  # noqa: ANN401 - a value of a template
    """Return a whole number, or None."""
    number = as_number(value)
    return None if number is None else int(number)
