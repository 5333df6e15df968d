"""The key rotates, stays, and is of use only through the services that the table needs (ENC-1, ENC-2)."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, NestedStack, Stack
from aws_cdk.aws_kms import Key

from secure_ddb import AuditSettings, EncryptionSettings, SecureTable, TableTrail
from secure_ddb.audit.permissions import archive_key_statements, audit_key_statements
from secure_ddb.audit.trail import trail_key_statements
from secure_ddb.backup.backup import backup_key_statements
from secure_ddb.context import StackEnvironment
from secure_ddb.encryption.table_key import KeyPolicy, table_statements
from secure_ddb.monitoring.topic import topic_key_statements
from tests import configurations
from tests.orders import OWNERSHIP, PK
from tests.template import Template, as_list, statements, text, walk

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Orders")
TRAIL = "TestOrdersC225794E532EAABD"
POLICY = KeyPolicy(environment=ENVIRONMENT)
# They hold nothing that turns data into other data.
WITHOUT_USE = {"AdministerWithoutUse", f"DescribeKey{TRAIL}"}
# What turns data into other data, or hands the right to do so to somebody else.
USE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:GenerateMac", "kms:CreateGrant")


def key_statements() -> dict[str, dict[str, Any]]:
    every_use = [
        *table_statements(ENVIRONMENT),
        *audit_key_statements(POLICY),
        *archive_key_statements(POLICY),
        *backup_key_statements(POLICY),
        *topic_key_statements(ENVIRONMENT),
        *trail_key_statements(ENVIRONMENT, TRAIL),
    ]
    return statements({"Statement": every_use})


def allows(statement: dict[str, Any], action: str) -> bool:
    return any(fnmatch(action, pattern) for pattern in as_list(statement["Action"]))


def test_key_rotates_every_year(minimal: Template) -> None:
    key = minimal.properties("AWS::KMS::Key", "OrdersKey")
    assert key["EnableKeyRotation"] is True
    assert key["RotationPeriodInDays"] == 365


def test_rotation_period_can_be_chosen(template: Callable[[str], Template]) -> None:
    assert template("everything").properties("AWS::KMS::Key", "OrdersKey")["RotationPeriodInDays"] == 90


def test_key_can_be_rescued_for_thirty_days_and_stays_when_its_stack_goes(minimal: Template) -> None:
    key = minimal.only("AWS::KMS::Key", "OrdersKey")
    assert key["Properties"]["PendingWindowInDays"] == 30
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_key_has_an_alias_that_names_stack_and_table(minimal: Template) -> None:
    alias = minimal.properties("AWS::KMS::Alias")
    assert alias["AliasName"].startswith("alias/Test/TestOrders")
    assert text(alias["TargetKeyId"]).endswith(".Arn>")


def test_administrators_cannot_use_the_key() -> None:
    administration = key_statements()["AdministerWithoutUse"]
    assert allows(administration, "kms:PutKeyPolicy")
    assert allows(administration, "kms:ScheduleKeyDeletion")
    assert [action for action in USE if allows(administration, action)] == []


def test_users_cannot_administer_the_key() -> None:
    for sid, statement in key_statements().items():
        if sid != "AdministerWithoutUse":
            assert not allows(statement, "kms:PutKeyPolicy"), sid
            assert not allows(statement, "kms:ScheduleKeyDeletion"), sid
            assert not allows(statement, "kms:DisableKey"), sid


def test_nobody_uses_the_key_without_a_condition_on_the_source() -> None:
    for sid, statement in key_statements().items():
        assert statement["Effect"] == "Allow"
        assert any(allows(statement, action) for action in USE) == (sid not in WITHOUT_USE), sid
        if sid != "AdministerWithoutUse":
            assert statement["Condition"], sid


def test_key_is_used_through_dynamodb_of_this_account_and_region_only() -> None:
    condition = key_statements()["UseThroughDynamoDb"]["Condition"]
    assert condition == {
        "StringEquals": {
            "kms:CallerAccount": "111122223333",
            "kms:ViaService": "dynamodb.eu-central-1.amazonaws.com",
        }
    }


@pytest.mark.parametrize(
    ("sid", "service"),
    [
        ("UseThroughDynamoDb", "dynamodb"),
        ("UseThroughBackup", "backup"),
        ("KeepFailedAuditRecordsInS3", "s3"),
        ("UseThroughFirehose", "firehose"),
    ],
)
def test_principals_use_the_key_only_through_a_service(sid: str, service: str) -> None:
    statement = key_statements()[sid]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert statement["Condition"]["StringEquals"]["kms:ViaService"] == f"{service}.eu-central-1.amazonaws.com"


@pytest.mark.parametrize("sid", ["GrantThroughDynamoDb", "GrantThroughBackup", "GrantThroughFirehose"])
def test_grants_go_to_aws_services_only(sid: str) -> None:
    statement = key_statements()[sid]
    assert statement["Action"] == ["kms:CreateGrant"]
    assert statement["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_log_groups_of_this_stack_only_are_encrypted() -> None:
    statement = key_statements()["EncryptAuditLog"]
    assert statement["Principal"] == {"Service": "logs.eu-central-1.amazonaws.com"}
    assert statement["Condition"]["ArnLike"] == {
        "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:111122223333:log-group:Orders-*"
    }


@pytest.mark.parametrize(
    ("sid", "service", "condition"),
    [
        (
            "PublishAlarms",
            "cloudwatch",
            {
                "StringEquals": {"aws:SourceAccount": "111122223333"},
                "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:*"},
            },
        ),
        (
            "PublishEvents",
            "events",
            # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html: no source keys for EventBridge.
            {
                "ArnLike": {
                    "kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-central-1:111122223333:*",
                }
            },
        ),
    ],
)
def test_publishers_encrypt_for_this_account_only(sid: str, service: str, condition: dict[str, Any]) -> None:
    statement = key_statements()[sid]
    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert allows(statement, "kms:Decrypt")
    assert allows(statement, "kms:GenerateDataKey")
    assert statement["Condition"] == condition


@pytest.mark.parametrize("sid", [f"EncryptLogFiles{TRAIL}", f"DescribeKey{TRAIL}"])
def test_cloudtrail_uses_the_key_for_this_table_s_trail_only(sid: str) -> None:
    statement = key_statements()[sid]
    assert statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {
        "aws:SourceArn": f"arn:aws:cloudtrail:eu-central-1:111122223333:trail/{TRAIL}"
    }


def test_cloudtrail_encrypts_log_files_of_this_account_and_decrypts_none() -> None:
    statement = key_statements()[f"EncryptLogFiles{TRAIL}"]
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    assert statement["Condition"]["StringLike"] == {
        "kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"
    }
    assert [action for action in USE if allows(statement, action)] == ["kms:GenerateDataKey"]


def test_services_that_the_table_does_not_hand_its_key_to_cannot_use_it(template: Callable[[str], Template]) -> None:
    policy = template("waived").properties("AWS::KMS::Key")["KeyPolicy"]
    assert set(statements(policy)) == {"AdministerWithoutUse", "UseThroughDynamoDb", "GrantThroughDynamoDb"}


def test_firehose_cannot_use_the_key_of_a_table_without_an_archive(minimal: Template) -> None:
    policy = minimal.properties("AWS::KMS::Key", "OrdersKey")["KeyPolicy"]
    assert not [sid for sid in statements(policy) if "Firehose" in sid]


def test_the_key_policy_is_the_one_that_the_tests_look_at(template: Callable[[str], Template]) -> None:
    policy = template("everything").properties("AWS::KMS::Key", "OrdersKey")["KeyPolicy"]
    assert list(statements(policy)) == list(key_statements())


def test_everything_that_holds_data_is_encrypted_with_the_key(minimal: Template) -> None:
    key = minimal.named("AWS::KMS::Key", "OrdersKey")
    arn = {"Fn::GetAtt": [key, "Arn"]}
    assert minimal.replica()["SSESpecification"]["KMSMasterKeyId"] == arn
    assert minimal.table()["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert minimal.properties("AWS::Logs::LogGroup")["KmsKeyId"] == arn
    assert minimal.properties("AWS::SNS::Topic")["KmsMasterKeyId"] == arn
    assert minimal.properties("AWS::Backup::BackupVault")["EncryptionKeyArn"] == arn
    (rule,) = minimal.properties("AWS::S3::Bucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}


def test_existing_key_is_used_and_none_is_made(template: Callable[[str], Template]) -> None:
    own = template("bring_your_own")
    assert not [name for name in own.of_type("AWS::KMS::Key") if name.startswith("OrdersKey")]
    used = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"
    assert own.replica()["SSESpecification"]["KMSMasterKeyId"] == used
    assert own.properties("AWS::Logs::LogGroup")["KmsKeyId"] == used


def test_imported_key_is_reported_as_not_verifiable(template: Callable[[str], Template]) -> None:
    metadata = template("bring_your_own").only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert any("rotation" in fact for fact in metadata["not_verifiable"])
    assert any("EncryptAuditLog" in fact for fact in metadata["not_verifiable"])


def test_key_of_the_app_is_given_what_the_services_need(template: Callable[[str], Template]) -> None:
    policy = template("own_key").properties("AWS::KMS::Key", "Key")["KeyPolicy"]
    sids = {statement.get("Sid") for statement in policy["Statement"]}
    assert {"EncryptAuditLogTest", "PublishAlarmsTest", "PublishEventsTest", "UseThroughBackupTest"} <= sids


def test_key_shared_by_two_tables_with_trails_has_each_statement_once(stack: Stack) -> None:
    key = Key(stack, "Key")
    for name in ("Orders", "Invoices"):
        SecureTable(
            stack,
            name,
            partition_key=PK,
            ownership=OWNERSHIP,
            encryption=EncryptionSettings(key=key),
            audit=AuditSettings(reads=TableTrail()),
        )
    app = stack.node.root
    assert isinstance(app, App)
    template = Template(app.synth().get_stack_by_name("Test").template)
    policy = template.properties("AWS::KMS::Key", "Key")["KeyPolicy"]
    sids = [statement["Sid"] for statement in policy["Statement"] if "Sid" in statement]
    assert len(sids) == len(set(sids))
    names = [trail["Properties"]["TrailName"] for trail in template.of_type("AWS::CloudTrail::Trail").values()]
    assert len(set(names)) == 2
    assert {f"{kind}{name}Test" for kind in ("EncryptLogFiles", "DescribeKey") for name in names} <= set(sids)


def test_no_key_is_open_to_everyone(each_template: Template) -> None:
    for key in each_template.of_type("AWS::KMS::Key").values():
        for statement in key["Properties"]["KeyPolicy"]["Statement"]:
            assert "*" not in [value for value in walk(statement["Principal"]) if isinstance(value, str)]


def test_alias_is_one_in_a_nested_stack_too(stack: Stack) -> None:
    configurations.minimal(NestedStack(stack, "Nested"))
    app = stack.node.root
    assert isinstance(app, App)
    assembly = Path(app.synth().directory)
    (nested,) = assembly.glob("*.nested.template.json")
    resources = json.loads(nested.read_text(encoding="utf-8"))["Resources"]
    (alias,) = (resource for resource in resources.values() if resource["Type"] == "AWS::KMS::Alias")
    assert text(alias["Properties"]["AliasName"]).startswith("alias/<AWS::StackName>/")


def test_key_shared_by_two_stacks_has_each_statement_once() -> None:
    app = App()
    env = Environment(account="111122223333", region="eu-central-1")
    keys = Stack(app, "Keys", env=env)
    key = Key(keys, "Key")
    for name in ("A", "B"):
        stack = Stack(app, name, env=env)
        SecureTable(
            stack,
            "Orders",
            partition_key=PK,
            ownership=OWNERSHIP,
            encryption=EncryptionSettings(key=key),
        )
    policy = Template(app.synth().get_stack_by_name("Keys").template).properties("AWS::KMS::Key")["KeyPolicy"]
    sids = [statement["Sid"] for statement in policy["Statement"] if "Sid" in statement]
    assert {"EncryptAuditLogA", "EncryptAuditLogB"} <= set(sids)
    assert len(sids) == len(set(sids))


def test_key_outside_of_a_nested_stack_does_not_depend_on_it(stack: Stack) -> None:
    key = Key(stack, "Key")
    SecureTable(
        NestedStack(stack, "Nested"),
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        encryption=EncryptionSettings(key=key),
    )
    app = stack.node.root
    assert isinstance(app, App)
    policy = Template(app.synth().get_stack_by_name("Test").template).properties("AWS::KMS::Key")["KeyPolicy"]
    assert "NestedStackResource" not in json.dumps(policy)
