"""A deployed table gets another key, in the steps of docs/replacing-a-key.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb import EncryptionSettings, OwnKey

if TYPE_CHECKING:
    from tests.e2e.table import Table
    from tests.e2e.versions import Versions

pytestmark = pytest.mark.model_of_aws("alarms.py, backup_selections.py, global_tables.py, aliases.py, platform_logs.py")

SECOND = OwnKey(generation=2)
LASTING = ("TableId", "TableName", "CreationDateTime", "LatestStreamArn", "DeletionProtectionEnabled")


def put(table: Table, key: str) -> None:
    table.client("dynamodb").put_item(TableName=table.name, Item={"pk": {"S": key}})


def items(table: Table) -> set[str]:
    return {item["pk"]["S"] for item in table.client("dynamodb").scan(TableName=table.name)["Items"]}


def key_of(table: Table) -> str:
    return str(table.description()["SSEDescription"]["KMSMasterKeyArn"])


def keys_of_what_belongs_to_it(table: Table) -> dict[str, str]:
    """Return the key of everything that is encrypted with the table's."""
    groups = table.client("logs").describe_log_groups(logGroupNamePrefix=table.resource("AuditLogGroup"))["logGroups"]
    bucket = table.client("s3").get_bucket_encryption(Bucket=table.resource("AuditFailureBucket"))
    (rule,) = bucket["ServerSideEncryptionConfiguration"]["Rules"]
    topic = table.client("sns").get_topic_attributes(TopicArn=table.resource("AlarmTopic"))["Attributes"]
    vault = table.client("backup").describe_backup_vault(BackupVaultName=table.resource("BackupVault"))
    return {
        "log": groups[0]["kmsKeyId"],
        "bucket": rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"],
        "topic": topic["KmsMasterKeyId"],
        "vault": vault["EncryptionKeyArn"],
    }


def state(table: Table, key: str) -> str:
    described: dict[str, Any] = table.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    return str(described["KeyState"])


@pytest.mark.proves(
    "A table gets another key in three deployments: it stays, with name, items, stream and audit log, and "
    "DescribeTable names the new key"
)
def test_a_table_gets_another_key_and_stays(versions: Versions) -> None:
    table = versions.deploy()
    put(table, "from before")
    table.wait_for_lines(1)
    old, old_key, old_vault = table.description(), table.key_arn(), table.resource("BackupVault")
    group = table.resource("AuditLogGroup")
    assert key_of(table) == old_key

    both = versions.deploy(encryption=EncryptionSettings(other_keys=[SECOND]))
    assert key_of(both) == old_key
    new_key = both.client("kms").describe_key(KeyId=both.resource("Key2"))["KeyMetadata"]["Arn"]
    put(both, "in between")

    switched = versions.deploy(encryption=EncryptionSettings(key=SECOND, other_keys=[OwnKey()]))
    new = switched.description()
    assert {name: new[name] for name in LASTING} == {name: old[name] for name in LASTING}
    assert key_of(switched) == new_key
    assert set(keys_of_what_belongs_to_it(switched).values()) == {new_key}
    put(switched, "from after")

    done = versions.deploy(encryption=EncryptionSettings(key=SECOND))
    assert key_of(done) == new_key
    assert items(done) == {"from before", "in between", "from after"}
    assert done.resource("AuditLogGroup") == group
    assert len(done.wait_for_lines(3)) == 3
    report = done.verified()
    assert (report.intact, report.records) == (True, 3)
    # What was encrypted before can still be read, and the vault with its recovery points is there.
    assert state(done, old_key) == "Enabled"
    assert done.resource("BackupVault") != old_vault
    assert done.client("backup").describe_backup_vault(BackupVaultName=old_vault)["EncryptionKeyArn"] == old_key


@pytest.mark.proves("A table whose key the stack makes gets one from elsewhere, such as the company's, and stays")
def test_a_table_gets_the_company_s_key(versions: Versions) -> None:
    table = versions.deploy()
    put(table, "kept")
    table.wait_for_lines(1)
    old, old_key = table.description(), table.key_arn()
    company_key = table.client("kms").create_key()["KeyMetadata"]["Arn"]
    switched = versions.deploy(key_arn=company_key)
    new = switched.description()
    assert {name: new[name] for name in LASTING} == {name: old[name] for name in LASTING}
    assert (key_of(switched), state(switched, old_key)) == (company_key, "Enabled")
    assert set(keys_of_what_belongs_to_it(switched).values()) == {company_key}
    assert items(switched) == {"kept"}
    assert switched.verified().intact
