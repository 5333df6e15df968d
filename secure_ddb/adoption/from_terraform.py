"""Reads an existing table from the output of `terraform show -json`, for a plan or the state.

https://developer.hashicorp.com/terraform/internals/json-format
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_table
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from secure_ddb.adoption.existing import AdoptionError, Origin
from secure_ddb.adoption.known import Known
from secure_ddb.adoption.scaling import DEFAULT_TARGET, Scaling
from secure_ddb.adoption.table_properties import chosen_warm_throughput, read_table, table_throughputs, units
from secure_ddb.cloudformation.values import as_list, at, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.adoption.existing import ExistingTable

_TABLE = "aws_dynamodb_table"
_ARN_PARTS = 6


def is_terraform(content: Any) -> bool:  # noqa: ANN401 - what JSON has
    """Return whether JSON is Terraform's."""
    return isinstance(content, dict) and "terraform_version" in content and "format_version" in content


def table_in_terraform(
    content: Mapping[str, Any], file: str, *, address: str = "", name: str = "", region: str = "", account: str = ""
) -> ExistingTable:
    """Return a table of a plan: as it is deployed, or as it is planned if it is not.

    Args:
        content: The plan.
        file: Its name, for messages.
        address: Which table; needed if there are several.
        name: The table's name, if the plan does not say it.
        region: Its Region, if the plan does not say it.
        account: Its account, likewise.

    Raises:
        AdoptionError: There is no such table, or a required property is known only at deployment.
    """
    resources = _resources(content)
    found = _choose(resources, file, address)
    values = found["values"]
    arn = str(values.get("arn") or "").split(":")
    if len(arn) == _ARN_PARTS:
        region, account = region or arn[3], account or arn[4]
    called = name or str(values.get("name") or "")
    known = Known(f"{file}: {found['address']}", _properties(values, called, resources))
    return read_table(
        known,
        table_throughputs(called, _scalings(resources)),
        name=name,
        region=region,
        account=account,
        origin=Origin.TERRAFORM,
        declared_as=_TABLE,
        address=str(found["address"]),
        retained=True,
        replicas=tuple(_replica(each) for each in as_list(values.get("replica"))),
    )


def _resources(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return all resources by address, as deployed rather than as planned."""
    planned = {str(each["address"]): each for each in _of_module(at(content, "planned_values", "root_module"))}
    for change in as_list(content.get("resource_changes")):
        after_unknown = at(change, "change", "after_unknown")
        found = planned.get(str(at(change, "address")))
        if found and isinstance(after_unknown, dict):
            found["values"] = {**found["values"], **_marked(after_unknown)}
    for state in (at(content, "prior_state", "values", "root_module"), at(content, "values", "root_module")):
        planned |= {str(each["address"]): each for each in _of_module(state)}
    return planned


def _of_module(module: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - what JSON has
    for each in as_list(at(module, "resources")):
        if at(each, "mode") == "managed" and "address" in each and isinstance(each.get("values"), dict):
            yield dict(each)
    for child in as_list(at(module, "child_modules")):
        yield from _of_module(child)


def _marked(after_unknown: Mapping[str, Any]) -> dict[str, Any]:
    return {name: unknown(name) for name, value in after_unknown.items() if value is True}


def _choose(resources: Mapping[str, dict[str, Any]], file: str, address: str) -> dict[str, Any]:
    tables = {name: each for name, each in resources.items() if each.get("type") == _TABLE}
    names = ", ".join(tables)
    if not tables:
        raise AdoptionError(f"{file} has no table: no resource of type {_TABLE}")
    if address:
        if address not in tables:
            raise AdoptionError(f"{file} has no table {address}; its tables: {names}")
        return tables[address]
    if len(tables) > 1:
        raise AdoptionError(f"{file} has {len(tables)} tables; name one with --resource: {names}")
    return next(iter(tables.values()))


def _block(values: Any, name: str) -> Any:  # noqa: ANN401 - a value of a plan
    """Return a block, which Terraform writes as a list of one."""
    value = at(values, name)
    return (value[0] if value else None) if isinstance(value, list) else value


def _present(**properties: object) -> dict[str, Any]:
    # Terraform writes empty text and empty lists for unset arguments.
    return {name: value for name, value in properties.items() if value not in (None, "", [], {})}


def _properties(values: Mapping[str, Any], name: str, resources: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the properties in the shape of `AWS::DynamoDB::Table`."""
    ttl, recovery, key = (_block(values, each) for each in ("ttl", "point_in_time_recovery", "server_side_encryption"))
    kinesis = _beside(resources, "aws_dynamodb_kinesis_streaming_destination", name)
    stream = values.get("stream_view_type") if values.get("stream_enabled") else None
    return _present(
        TableName=values.get("name"),
        BillingMode=values.get("billing_mode") or "PROVISIONED",
        AttributeDefinitions=[
            {"AttributeName": at(each, "name"), "AttributeType": at(each, "type")}
            for each in as_list(values.get("attribute"))
        ],
        KeySchema=_key_schema(values),
        **_throughput(values),
        GlobalSecondaryIndexes=[
            {
                **_index(each),
                **_throughput(each),
                **_insights(resources, name, str(at(each, "name"))),
            }
            for each in as_list(values.get("global_secondary_index"))
        ],
        LocalSecondaryIndexes=[
            _index({"hash_key": values.get("hash_key"), **each})
            for each in as_list(values.get("local_secondary_index"))
            if isinstance(each, dict)
        ],
        TimeToLiveSpecification=_present(Enabled=at(ttl, "enabled"), AttributeName=at(ttl, "attribute_name")),
        TableClass=values.get("table_class"),
        # kms_key_arn is not filled with the ARN of the key of AWS.
        SSESpecification=_present(SSEEnabled=at(key, "enabled"), KMSMasterKeyId=at(key, "kms_key_arn")),
        StreamSpecification=_present(StreamViewType=stream),
        KinesisStreamSpecification=_present(
            StreamArn=at(kinesis, "stream_arn"),
            ApproximateCreationDateTimePrecision=at(kinesis, "approximate_creation_date_time_precision"),
        ),
        PointInTimeRecoverySpecification=_present(
            PointInTimeRecoveryEnabled=at(recovery, "enabled"),
            RecoveryPeriodInDays=at(recovery, "recovery_period_in_days"),
        ),
        DeletionProtectionEnabled=values.get("deletion_protection_enabled"),
        ResourcePolicy=_policy(resources, values.get("arn")),
        Tags=_tags(values),
        **_insights(resources, name, ""),
    )


def _tags(values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a list, or a placeholder
    tags = values.get("tags_all") or values.get("tags") or {}
    return [{"Key": key, "Value": value} for key, value in tags.items()] if isinstance(tags, dict) else tags


def _key_schema(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    # Since version 6 of the provider an index may have several attributes.
    listed = [
        {"AttributeName": at(each, "attribute_name"), "KeyType": at(each, "key_type")}
        for each in as_list(values.get("key_schema"))
    ]
    named = (("hash_key", "HASH"), ("range_key", "RANGE"))
    return listed or [{"AttributeName": values[name], "KeyType": role} for name, role in named if values.get(name)]


def _index(index: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": index.get("name"),
        "KeySchema": _key_schema(index),
        "Projection": _present(
            ProjectionType=index.get("projection_type"), NonKeyAttributes=index.get("non_key_attributes")
        ),
    }


def _throughput(values: Mapping[str, Any]) -> dict[str, Any]:
    most, warm = _block(values, "on_demand_throughput"), _block(values, "warm_throughput")
    return _present(
        # Zero stands for on demand.
        ProvisionedThroughput=_present(
            ReadCapacityUnits=values.get("read_capacity") or None,
            WriteCapacityUnits=values.get("write_capacity") or None,
        ),
        OnDemandThroughput=_present(
            MaxReadRequestUnits=at(most, "max_read_request_units"),
            MaxWriteRequestUnits=at(most, "max_write_request_units"),
        ),
        WarmThroughput=chosen_warm_throughput(
            _present(
                ReadUnitsPerSecond=at(warm, "read_units_per_second"),
                WriteUnitsPerSecond=at(warm, "write_units_per_second"),
            )
        ),
    )


def _beside(resources: Mapping[str, dict[str, Any]], kind: str, name: str) -> dict[str, Any] | None:
    """Return the values of a resource that names the table."""
    return next(
        (
            each["values"]
            for each in resources.values()
            if each.get("type") == kind and each["values"].get("table_name") == name
        ),
        None,
    )


def _insights(resources: Mapping[str, dict[str, Any]], name: str, index: str) -> dict[str, Any]:
    for each in resources.values():
        values = each["values"]
        wanted = (name, index)
        if each.get("type") == "aws_dynamodb_contributor_insights" and wanted == (
            values.get("table_name"),
            values.get("index_name") or "",
        ):
            return {"ContributorInsightsSpecification": _present(Enabled=True, Mode=values.get("mode"))}
    return {}


def _policy(resources: Mapping[str, dict[str, Any]], arn: object) -> dict[str, Any] | None:
    for each in resources.values():
        if each.get("type") == "aws_dynamodb_resource_policy" and each["values"].get("resource_arn") == arn:
            with suppress(TypeError, ValueError):
                return {"PolicyDocument": json.loads(each["values"]["policy"])}
            return {"PolicyDocument": unknown("policy")}
    return None


def _replica(values: Mapping[str, Any]) -> dict[str, Any]:
    recovers = values.get("point_in_time_recovery")
    return {
        "Region": values.get("region_name"),
        **_present(
            SSESpecification=_present(KMSMasterKeyId=values.get("kms_key_arn")),
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True} if recovers else None,
            DeletionProtectionEnabled=values.get("deletion_protection_enabled") or None,
        ),
    }


def _scalings(resources: Mapping[str, dict[str, Any]]) -> Iterator[Scaling]:
    targets = {
        (values.get("resource_id"), values.get("scalable_dimension")): units(
            at(_block(values, "target_tracking_scaling_policy_configuration"), "target_value")
        )
        for each in resources.values()
        if each.get("type") == "aws_appautoscaling_policy"
        for values in [each["values"]]
    }
    for each in resources.values():
        values = each["values"]
        least, most = units(values.get("min_capacity")), units(values.get("max_capacity"))
        if each.get("type") == "aws_appautoscaling_target" and least is not None and most is not None:
            key = (values.get("resource_id"), values.get("scalable_dimension"))
            yield Scaling(str(key[0]), str(key[1]), least, most, targets.get(key) or DEFAULT_TARGET)
