"""CloudFormation's `AWS::DynamoDB::GlobalTable`: the emulator's drops most settings in silence.

Its DynamoDB keeps them, so this asks for them as CloudFormation does, by the operations that the resource type's schema
names. docs/deploying.md lists these.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_region
from ministack.services import dynamodb
from ministack.services.cloudformation import changesets, provisioners

from tests.e2e.harness.handlers import HANDLERS, Made, Properties, RefusedError, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND = "AWS::DynamoDB::GlobalTable"
_emulated = dict(HANDLERS[KIND])


def install() -> None:
    """Replace the handlers of the resource type."""
    HANDLERS[KIND] = {"create": _create, "update": _update, "delete": _delete, "import": provisioners._ddb_import}
    # By name, as other tables are found that `--import-existing-resources` takes over.
    changesets._IMPORT_LOOKUPS[KIND] = changesets._IMPORT_LOOKUPS["AWS::DynamoDB::Table"]


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    name = properties.get("TableName")
    # The emulator would put an empty table in the place of the one that a deleted stack has left behind.
    if name in dynamodb._tables:
        raise RefusedError(f"Resource of type '{KIND}' with identifier '{name}' already exists.")
    name, attributes = _emulated["create"](logical_id, properties, stack)
    _apply(name, attributes, {}, properties)
    return name, attributes


def _update(name: str, old: Properties, new: Properties, stack: str) -> Made:
    name, attributes = _emulated["update"](name, old, new, stack)
    _apply(name, attributes, old, new)
    return name, attributes


def _delete(name: str, _properties: Properties) -> None:
    # The emulator's handler would delete a protected table.
    ask(dynamodb._delete_table, {"TableName": name})


def _apply(name: str, attributes: dict[str, Any], old: Properties, new: Properties) -> None:
    before, after = dict(_settings(old)), dict(_settings(new))
    changed = {setting: value for setting, value in after.items() if before.get(setting) != value}
    table = {"TableName": name}
    if "encryption" in changed:
        ask(dynamodb._update_table, {**table, "SSESpecification": changed["encryption"]})
    if "protection" in changed:
        ask(dynamodb._update_table, {**table, "DeletionProtectionEnabled": changed["protection"]})
    if "recovery" in changed:
        specification = {"PointInTimeRecoverySpecification": changed["recovery"]}
        ask(dynamodb._update_continuous_backups, {**table, **specification})
    if "expiry" in changed:
        ask(dynamodb._update_ttl, {**table, "TimeToLiveSpecification": changed["expiry"]})
    elif "expiry" in before and "expiry" not in after:
        ask(dynamodb._update_ttl, {**table, "TimeToLiveSpecification": {**before["expiry"], "Enabled": False}})
    _send_changes(table, changed)
    if "insights" in changed:
        action = "ENABLE" if changed["insights"]["Enabled"] else "DISABLE"
        ask(dynamodb._update_contributor_insights, {**table, "ContributorInsightsAction": action})
    for setting, arn in (("policy", attributes["Arn"]), ("stream policy", attributes.get("StreamArn"))):
        if setting in changed:
            document = json.dumps(changed[setting]["PolicyDocument"])
            ask(dynamodb._put_resource_policy, {"ResourceArn": arn, "Policy": document})
    if "tags" in changed:
        ask(dynamodb._tag_resource, {"ResourceArn": attributes["Arn"], "Tags": changed["tags"]})


def _send_changes(table: dict[str, Any], changed: dict[str, Any]) -> None:
    if "changes" in changed:
        ask(dynamodb._enable_kinesis_streaming_destination, {**table, "StreamArn": changed["changes"]["StreamArn"]})


def _settings(properties: Properties) -> Iterator[tuple[str, Any]]:
    """Yield the settings that the emulator drops: most belong to the replica of this Region."""
    replicas = (each for each in properties.get("Replicas", ()) if each["Region"] == get_region())
    replica: Properties = next(replicas, {})
    if "SSESpecification" in properties:
        yield (
            "encryption",
            {
                "Enabled": properties["SSESpecification"]["SSEEnabled"],
                "SSEType": properties["SSESpecification"].get("SSEType", "KMS"),
                "KMSMasterKeyId": replica.get("SSESpecification", {}).get("KMSMasterKeyId"),
            },
        )
    if "TimeToLiveSpecification" in properties:
        yield "expiry", properties["TimeToLiveSpecification"]
    for setting, name in (
        ("protection", "DeletionProtectionEnabled"),
        ("recovery", "PointInTimeRecoverySpecification"),
        ("insights", "ContributorInsightsSpecification"),
        ("policy", "ResourcePolicy"),
        ("changes", "KinesisStreamSpecification"),
        ("tags", "Tags"),
    ):
        if name in replica:
            yield setting, replica[name]
    stream = replica.get("ReplicaStreamSpecification", {})
    if "ResourcePolicy" in stream:
        yield "stream policy", stream["ResourcePolicy"]
