"""Stacks are updated with their data, deleted without it, and deployed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2
from aws_cdk.aws_logs import RetentionDays

from secure_ddb import AuditSettings, DataClassification, Lifecycle
from tests.e2e.deployment import DeploymentError
from tests.orders import SK

if TYPE_CHECKING:
    from tests.e2e.table import Table
    from tests.e2e.versions import Versions

# The stacks' alarms on metric math and backup selections are made by the model, and their tables get all settings.
STACKS = "alarms.py, backup_selections.py, global_tables.py"
pytestmark = pytest.mark.model_of_aws(f"{STACKS}, aliases.py, platform_logs.py")

ITEM = {"pk": {"S": "kept"}, "status": {"S": "open"}}
INDEX = GlobalSecondaryIndexPropsV2(index_name="by-sk", partition_key=SK)


def scanned(table: Table, name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = table.client("dynamodb").scan(TableName=name)["Items"]
    return items


@pytest.mark.proves("A change set names what an update adds and changes, and nothing is changed until it is executed")
def test_change_set(versions: Versions) -> None:
    before = versions.deploy()
    described, settings = before.description(), before.deployment.resources(before.stack)
    after = versions.synthesized(time_to_live_attribute="expires", global_secondary_indexes=[INDEX])
    change_set = after.propose(before.stack)
    changes = [change["ResourceChange"] for change in change_set["Changes"]]
    by_action = {
        action: {change["ResourceType"] for change in changes if change["Action"] == action}
        for action in ("Add", "Modify", "Remove")
    }
    # Alarms on the index are new.
    assert by_action["Add"] == {"AWS::CloudWatch::Alarm"}
    assert "AWS::DynamoDB::GlobalTable" in by_action["Modify"]
    assert by_action["Remove"] == set()
    assert not [change for change in changes if change.get("Replacement") == "True"]
    assert (before.description(), before.deployment.resources(before.stack)) == (described, settings)
    assert before.deployment.status(before.stack) == "CREATE_COMPLETE"


@pytest.mark.proves("An update in place keeps table, stream, mapping and items; the function's new version takes over")
def test_update(versions: Versions) -> None:
    before = versions.deploy()
    before.client("dynamodb").put_item(TableName=before.name, Item=ITEM)
    before.wait_for_lines(1)
    old, mapping = before.description(), before.resource("AuditEventSource")
    after = versions.deploy(
        time_to_live_attribute="expires",
        global_secondary_indexes=[INDEX],
        audit=AuditSettings(log_retention=RetentionDays.TWO_YEARS, clear_attributes=["status"]),
        classification=DataClassification.INTERNAL,
    )
    new = after.description()
    assert [new[name] == old[name] for name in ("TableId", "CreationDateTime", "LatestStreamArn")] == [True] * 3
    assert after.resource("AuditEventSource") == mapping
    assert scanned(after, after.name) == [ITEM]
    assert [index["IndexName"] for index in new["GlobalSecondaryIndexes"]] == ["by-sk"]
    expiry = after.client("dynamodb").describe_time_to_live(TableName=after.name)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    (group,) = after.client("logs").describe_log_groups(logGroupNamePrefix=after.resource("AuditLogGroup"))["logGroups"]
    assert group["retentionInDays"] == 731
    item = {"pk": {"S": "new"}, "status": {"S": "closed"}}
    (line,) = after.changes(lambda: after.client("dynamodb").put_item(TableName=after.name, Item=item), 1)
    # Only the new version has been told of the attribute.
    assert line["clear"] == {"status": [None, {"S": "closed"}]}
    report = after.verified()
    assert (report.intact, report.records) == (True, 3)


@pytest.mark.proves("Deleting the stack leaves the table with its items, the audit log, failure bucket, keys and vault")
def test_deletion(versions: Versions) -> None:
    table = versions.deploy()
    table.client("dynamodb").put_item(TableName=table.name, Item=ITEM)
    table.wait_for_lines(1)
    lines = table.lines()
    names = ("Table", "AuditLogGroup", "AuditFailureBucket", "Key", "AuditDigestKey", "BackupVault", "AuditFunction")
    ids = {name: table.resource(name) for name in names}
    table.deployment.delete(table.stack)
    assert table.deployment.status(table.stack) is None
    assert scanned(table, ids["Table"]) == [ITEM]
    events = table.client("logs").filter_log_events(logGroupName=ids["AuditLogGroup"])["events"]
    assert [event["message"] for event in events] == lines
    table.client("s3").head_bucket(Bucket=ids["AuditFailureBucket"])
    for key in (ids["Key"], ids["AuditDigestKey"]):
        assert table.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    table.client("backup").describe_backup_vault(BackupVaultName=ids["BackupVault"])
    functions = table.client("lambda").list_functions()["Functions"]
    assert ids["AuditFunction"] not in {function["FunctionName"] for function in functions}


@pytest.mark.proves("After that, deploying the stack anew is refused, and the table that stayed is untouched")
def test_refused_redeployment(versions: Versions) -> None:
    table = versions.deploy()
    name = table.name
    table.client("dynamodb").put_item(TableName=name, Item=ITEM)
    table.deployment.delete(table.stack)
    with pytest.raises(DeploymentError, match=f"'{name}' already exists"):
        versions.deploy()
    assert scanned(table, name) == [ITEM]


@pytest.mark.proves(
    "With the key given and `--import-existing-resources`, as docs/deploying.md says, it takes the table over"
)
def test_redeployment(versions: Versions) -> None:
    # As docs/deploying.md says.
    table = versions.deploy()
    name, key = table.name, table.key_arn()
    table.client("dynamodb").put_item(TableName=name, Item=ITEM)
    table.wait_for_lines(1)
    table.deployment.delete(table.stack)
    again = versions.deploy(key_arn=key, import_existing=True)
    assert again.name == name
    assert scanned(again, name) == [ITEM]
    described = again.description()
    assert described["SSEDescription"]["KMSMasterKeyArn"] == key
    assert described["DeletionProtectionEnabled"] is True
    again.client("dynamodb").put_item(TableName=name, Item={"pk": {"S": "new"}})
    # The new mapping reads the stream from its beginning, so what the old log has is logged once more.
    assert len(again.wait_for_lines(2)) == 2
    assert again.verified().intact


@pytest.mark.proves("An ephemeral table goes away with its stack, and can be deployed again")
@pytest.mark.model_of_aws(f"{STACKS}, aliases.py, placeholders.py, platform_logs.py")
def test_ephemeral(versions: Versions) -> None:
    arguments: dict[str, Any] = {
        "lifecycle": Lifecycle.ephemeral(reason="a test"),
        "classification": DataClassification.INTERNAL,
    }
    table = versions.deploy(**arguments)
    name, bucket, group = (table.resource(each) for each in ("Table", "AuditFailureBucket", "AuditLogGroup"))
    table.client("dynamodb").put_item(TableName=name, Item=ITEM)
    assert table.wait_for_lines(1)
    table.deployment.delete(table.stack)
    assert name not in table.client("dynamodb").list_tables()["TableNames"]
    assert bucket not in {each["Name"] for each in table.client("s3").list_buckets()["Buckets"]}
    assert table.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    again = versions.deploy(**arguments)
    assert scanned(again, again.name) == []
