"""A deployment that fails leaves what docs/deploying.md says, and the next one succeeds."""

from __future__ import annotations

import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_dynamodb import CfnGlobalTable, GlobalSecondaryIndexPropsV2

from secure_ddb import AuditSettings
from tests.e2e.deployment import DeploymentError
from tests.e2e.emulator import REGION
from tests.e2e.table import Table
from tests.orders import SK

if TYPE_CHECKING:
    from aws_cdk import Stack

    from secure_ddb import SecureTable
    from tests.e2e.emulator import Emulator
    from tests.e2e.versions import Versions

# What refuses the last resource is the model as well.
STACKS = "alarms.py, backup_selections.py, global_tables.py"
pytestmark = pytest.mark.model_of_aws(f"{STACKS}, aliases.py, platform_logs.py")

TAKEN = "name-that-is-taken"
ITEM = {"pk": {"S": "kept"}, "status": {"S": "open"}}


@pytest.fixture(scope="module", autouse=True)
def taken(emulator: Emulator) -> None:
    """Take the name of the last resource of stacks that fail."""
    attributes: dict[str, Any] = {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    }
    emulator.client("dynamodb").create_table(TableName=TAKEN, BillingMode="PAY_PER_REQUEST", **attributes)


def fails(stack: Stack, table: SecureTable) -> None:
    """Add a resource that comes after all others and cannot be made."""
    last = CfnGlobalTable(
        stack,
        "Last",
        table_name=TAKEN,
        attribute_definitions=[{"attributeName": "pk", "attributeType": "S"}],
        key_schema=[{"attributeName": "pk", "keyType": "HASH"}],
        billing_mode="PAY_PER_REQUEST",
        replicas=[{"region": REGION}],
    )
    last.node.add_dependency(table)


def created(table: Table) -> dict[str, str]:
    """Return the physical ids of resources that were made, by the first part of their logical ids."""
    pages = table.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=table.stack)
    events = [event for page in pages for event in page["StackEvents"]]
    return {
        event["LogicalResourceId"][:-8].removeprefix(table.id): event["PhysicalResourceId"]
        for event in events
        if event["ResourceStatus"] == "CREATE_COMPLETE"
    }


def failed_creation(versions: Versions) -> tuple[Table, dict[str, str]]:
    """Deploy a stack whose last resource fails; return its table, and what was made at first."""
    deployment = versions.synthesized(beside=fails)
    with pytest.raises(DeploymentError, match=f"ROLLBACK_COMPLETE: Last: .*{TAKEN}.* already exists"):
        deployment.deploy(versions.name)
    table = Table(deployment, versions.name)
    return table, created(table)


def remains(table: Table, made: dict[str, str]) -> set[str]:
    """Return which of the resources that hold something are still there."""
    groups = table.client("logs").describe_log_groups(logGroupNamePrefix=made["AuditLogGroup"])["logGroups"]
    vaults = table.client("backup").list_backup_vaults()["BackupVaultList"]
    found = {
        "Table": table.client("dynamodb").list_tables()["TableNames"],
        "AuditLogGroup": [group["logGroupName"] for group in groups],
        "AuditFailureBucket": [bucket["Name"] for bucket in table.client("s3").list_buckets()["Buckets"]],
        "BackupVault": [vault["BackupVaultName"] for vault in vaults],
        "AuditFunction": [each["FunctionName"] for each in table.client("lambda").list_functions()["Functions"]],
        "AuditRole": [role["RoleName"] for role in table.client("iam").list_roles()["Roles"]],
        "AlarmTopic": [topic["TopicArn"] for topic in table.client("sns").list_topics()["Topics"]],
    }
    return {name for name, names in found.items() if made[name] in names}


def key_states(table: Table, made: dict[str, str]) -> set[str]:
    keys = (table.client("kms").describe_key(KeyId=made[name]) for name in ("Key", "AuditDigestKey"))
    return {key["KeyMetadata"]["KeyState"] for key in keys}


@pytest.mark.model_of_aws(STACKS)
@pytest.mark.proves(
    "A first deployment that fails at its last resource leaves table and audit log, and keys pending deletion"
)
def test_failed_creation(versions: Versions) -> None:
    table, made = failed_creation(versions)
    assert table.deployment.status(versions.name) == "ROLLBACK_COMPLETE"
    assert remains(table, made) == {"Table", "AuditLogGroup"}
    assert key_states(table, made) == {"PendingDeletion"}
    described = table.client("dynamodb").describe_table(TableName=made["Table"])["Table"]
    assert described["DeletionProtectionEnabled"] is True


@pytest.mark.proves("Once these two are deleted as docs/deploying.md says, the next deployment succeeds")
def test_creation_after_a_failed_one(versions: Versions) -> None:
    table, made = failed_creation(versions)
    with pytest.raises(DeploymentError, match="already exists"):
        versions.deploy()
    # The emulator's log groups have no deletion protection.
    table.client("logs").delete_log_group(logGroupName=made["AuditLogGroup"])
    table.client("dynamodb").update_table(TableName=made["Table"], DeletionProtectionEnabled=False)
    table.client("dynamodb").delete_table(TableName=made["Table"])
    again = versions.deploy()
    assert again.name == made["Table"]
    again.client("dynamodb").put_item(TableName=again.name, Item=ITEM)
    assert again.wait_for_lines(1)
    assert again.verified().intact


@pytest.mark.proves("Instead, the table can be taken over with its items, once its key is enabled; it keeps that key")
def test_taking_over_after_a_failed_creation(versions: Versions) -> None:
    table, made = failed_creation(versions)
    table.client("dynamodb").put_item(TableName=made["Table"], Item=ITEM)
    table.client("kms").cancel_key_deletion(KeyId=made["Key"])
    table.client("kms").enable_key(KeyId=made["Key"])
    again = versions.deploy(import_existing=True)
    assert again.name == made["Table"]
    assert again.client("dynamodb").scan(TableName=again.name)["Items"] == [ITEM]
    # The stack has a new key, but importing changes nothing of the table.
    assert again.resource("Key") != made["Key"]
    assert again.description()["SSEDescription"]["KMSMasterKeyArn"].endswith(made["Key"])
    again.client("dynamodb").delete_item(TableName=again.name, Key={"pk": ITEM["pk"]})
    assert len(again.wait_for_lines(2)) == 2


@pytest.mark.proves("An update that fails is rolled back: table, items, stream and settings are as before")
def test_failed_update(versions: Versions) -> None:
    table = versions.deploy()
    items = table.client("dynamodb")
    items.put_item(TableName=table.name, Item=ITEM)
    table.wait_for_lines(1)
    before, made = table.description(), table.deployment.resources(table.stack)
    update: dict[str, Any] = {
        "time_to_live_attribute": "expires",
        "global_secondary_indexes": [GlobalSecondaryIndexPropsV2(index_name="by-sk", partition_key=SK)],
        "audit": AuditSettings(clear_attributes=["status"]),
    }
    with pytest.raises(DeploymentError, match=f"UPDATE_ROLLBACK_COMPLETE: Last: .*{TAKEN}.* already exists"):
        versions.deploy(beside=fails, **update)
    assert table.deployment.resources(table.stack) == made
    changing = {"ItemCount", "TableSizeBytes", "AttributeDefinitions"}
    after = table.description()
    assert {name: value for name, value in after.items() if name not in changing} == {
        name: value for name, value in before.items() if name not in changing
    }
    expiry = items.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    assert expiry["TimeToLiveStatus"] == "DISABLED"
    assert items.scan(TableName=table.name)["Items"] == [ITEM]
    (line,) = table.changes(lambda: items.delete_item(TableName=table.name, Key={"pk": ITEM["pk"]}), 1)
    # The version before has not been told of the attribute.
    assert (line["action"], line.get("clear")) == ("REMOVE", None)
    later = versions.deploy(**update)
    assert later.description()["TableId"] == before["TableId"]
    assert later.verified().intact


def without(action: str, statements: list[dict[str, Any]]) -> None:
    """Take an action out of the statements of a policy."""
    for statement in statements:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [each for each in actions if each != action] or ["ec2:DescribeVpcs"]


def below_the_prefix(statements: list[dict[str, Any]]) -> None:
    """Let objects be put where Lambda puts them, and nowhere else in the bucket."""
    (put,) = [each for each in statements if each["Effect"] == "Allow" and "s3:PutObject" in each["Action"]]
    put["Resource"] = {"Fn::Join": ["", [put["Resource"]["Fn::Join"][1][0], "/aws/lambda/*"]]}


@pytest.mark.model_of_aws(f"{STACKS}, creation_checks.py")
@pytest.mark.proves("A mapping is refused if the role cannot read the stream, or write into the failure bucket")
def test_mapping_without_permissions(versions: Versions) -> None:
    deployment = versions.synthesized()
    template = deployment.template(versions.name)
    for weaken, refusal in (
        (partial(without, "dynamodb:GetRecords"), "Cannot access stream"),
        (partial(without, "s3:PutObject"), "does not have permissions to call PutObject on S3"),
        (below_the_prefix, "does not have permissions to call PutObject on S3"),
        (partial(without, "s3:ListBucket"), "does not have permissions to call ListBucket on S3"),
    ):
        weakened = copy.deepcopy(template)
        (policy,) = [name for name in weakened["Resources"] if name.startswith("OrdersAuditPolicy")]
        weaken(weakened["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"])
        deployment.write_template(versions.name, weakened)
        with pytest.raises(DeploymentError, match=f"ROLLBACK_COMPLETE: OrdersAuditEventSource.*{refusal}"):
            deployment.deploy(versions.name)
        left = created(Table(deployment, versions.name))["Table"]
        client = deployment.emulator.client("dynamodb")
        client.update_table(TableName=left, DeletionProtectionEnabled=False)
        client.delete_table(TableName=left)
    deployment.write_template(versions.name, template)
    deployment.deploy(versions.name)
    assert deployment.status(versions.name) == "CREATE_COMPLETE"
