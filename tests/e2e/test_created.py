"""CloudFormation creates the reference stacks, and the services say what was promised."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from secure_ddb.audit_trail.handler.audit_trail.settings import ALIAS
from tests.e2e.deployment import Deployment
from tests.template import Template

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.emulator import Emulator
    from tests.e2e.table import Table

TAGS = {
    "Application": "orders",
    "CostCenter": "CC-1042",
    "DataClassification": "confidential",
    "Environment": "prod",
    "Owner": "payments@example.com",
}
TABLE_AND_REST = "alarms.py, backup_selections.py, global_tables.py"


@pytest.mark.parametrize(
    "stack",
    [
        pytest.param(
            "Minimal",
            marks=[
                pytest.mark.proves("Minimal is created from its template and its assets, with every resource"),
                pytest.mark.model_of_aws(TABLE_AND_REST),
            ],
        ),
        pytest.param(
            "SharedNetwork",
            marks=[
                pytest.mark.proves("SharedNetwork is created, but for what of its VPC the emulator does not know"),
                pytest.mark.model_of_aws(f"{TABLE_AND_REST}, placeholders.py"),
            ],
        ),
        pytest.param(
            "BringYourOwn",
            marks=[
                pytest.mark.proves("BringYourOwn is created; the emulator does not look for what it refers to"),
                pytest.mark.model_of_aws(TABLE_AND_REST),
            ],
        ),
    ],
)
def test_stack(emulator: Emulator, reference: Path, minimal: Table, stack: str) -> None:
    deployment = minimal.deployment if stack == minimal.stack else Deployment(emulator, reference)
    if stack != minimal.stack:
        deployment.deploy(stack)
    template = Template.read(reference / f"{stack}.template.json")
    assert deployment.status(stack) == "CREATE_COMPLETE"
    assert deployment.resources(stack).keys() == template.resources.keys()


@pytest.mark.proves("The stream has old and new images")
def test_stream(minimal: Table) -> None:
    assert minimal.description()["StreamSpecification"] == {
        "StreamEnabled": True,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }


@pytest.mark.proves("The table's key rotates each year; the digest key makes MACs only")
def test_keys(minimal: Table) -> None:
    client = minimal.client("kms")
    rotation = client.get_key_rotation_status(KeyId=minimal.resource("Key"))
    assert (rotation["KeyRotationEnabled"], rotation["RotationPeriodInDays"]) == (True, 365)
    digest = client.describe_key(KeyId=minimal.resource("AuditDigestKey"))["KeyMetadata"]
    assert (digest["KeySpec"], digest["KeyUsage"]) == ("HMAC_256", "GENERATE_VERIFY_MAC")


@pytest.mark.proves("The audit log is kept for 400 days, and names the table's key")
def test_audit_log(minimal: Table) -> None:
    (group,) = minimal.client("logs").describe_log_groups(logGroupNamePrefix=minimal.resource("AuditLogGroup"))[
        "logGroups"
    ]
    assert (group["retentionInDays"], group["kmsKeyId"]) == (400, minimal.key_arn())


@pytest.mark.proves("The mapping reads the stream from its beginning, through the alias, into the failure bucket")
def test_event_source_mapping(minimal: Table) -> None:
    mapping = minimal.client("lambda").get_event_source_mapping(UUID=minimal.resource("AuditEventSource"))
    assert mapping["EventSourceArn"] == minimal.description()["LatestStreamArn"]
    assert mapping["FunctionArn"] == minimal.resource("AuditFunctionAlias")
    assert mapping["FunctionArn"].endswith(f":{ALIAS}")
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == (
        f"arn:aws:s3:::{minimal.resource('AuditFailureBucket')}"
    )
    assert (mapping["MaximumRetryAttempts"], mapping["BisectBatchOnFunctionError"]) == (5, True)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.proves("The function's environment names the stream, log group, bucket and key that exist")
def test_function(minimal: Table) -> None:
    client = minimal.client("lambda")
    function = client.get_function_configuration(FunctionName=minimal.resource("AuditFunction"))
    variables = function["Environment"]["Variables"]
    assert minimal.description()["LatestStreamArn"].startswith(variables["STREAMS"])
    assert variables["LOG_GROUP"] == function["LoggingConfig"]["LogGroup"] == minimal.resource("AuditLogGroup")
    assert variables["FAILURE_BUCKET"] == minimal.resource("AuditFailureBucket")
    assert variables["HMAC_KEY_ID"].endswith(f":key/{minimal.resource('AuditDigestKey')}")


@pytest.mark.proves("The failure bucket has versions, blocks public access, and denies requests without TLS")
def test_failure_bucket(minimal: Table) -> None:
    client, bucket = minimal.client("s3"), minimal.resource("AuditFailureBucket")
    assert client.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert set(client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    policy = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
    assert "DenyRequestsWithoutTls" in {statement["Sid"] for statement in policy["Statement"]}


@pytest.mark.proves("The vault names the table's key, and the plan backs up weekly and monthly into it")
def test_backups(minimal: Table) -> None:
    client, vault = minimal.client("backup"), minimal.resource("BackupVault")
    assert client.describe_backup_vault(BackupVaultName=vault)["EncryptionKeyArn"] == minimal.key_arn()
    rules = client.get_backup_plan(BackupPlanId=minimal.resource("BackupPlan"))["BackupPlan"]["Rules"]
    assert {rule["RuleName"]: rule["Lifecycle"]["DeleteAfterDays"] for rule in rules} == {
        "Weekly": 35,
        "Monthly": 365,
    }
    assert {rule["TargetBackupVaultName"] for rule in rules} == {vault}


@pytest.mark.proves("Every alarm of the template is there, and publishes to the topic; its policy lets CloudWatch")
@pytest.mark.model_of_aws("alarms.py")
def test_alarms(minimal: Table, reference: Path) -> None:
    expected = Template.read(reference / "Minimal.template.json").of_type("AWS::CloudWatch::Alarm")
    alarms = minimal.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{minimal.stack}-")["MetricAlarms"]
    topic = minimal.resource("AlarmTopic")
    assert len(alarms) == len(expected) == 11
    assert {action for alarm in alarms for action in alarm["AlarmActions"]} == {topic}
    attributes = minimal.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    services = [each["Principal"].get("Service") for each in json.loads(attributes["Policy"])["Statement"]]
    assert "cloudwatch.amazonaws.com" in services


@pytest.mark.proves("Keys, log group, function and vault have the mandatory tags")
def test_tags(minimal: Table) -> None:
    kms, functions, backup = (minimal.client(service) for service in ("kms", "lambda", "backup"))
    vault = backup.describe_backup_vault(BackupVaultName=minimal.resource("BackupVault"))["BackupVaultArn"]
    group = minimal.client("logs").describe_log_groups(logGroupNamePrefix=minimal.resource("AuditLogGroup"))
    function = functions.get_function_configuration(FunctionName=minimal.resource("AuditFunction"))["FunctionArn"]
    tagged = {
        name: {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=minimal.resource(name))["Tags"]}
        for name in ("Key", "AuditDigestKey")
    }
    tagged["group"] = minimal.client("logs").list_tags_for_resource(resourceArn=group["logGroups"][0]["logGroupArn"])[
        "tags"
    ]
    tagged["function"] = functions.list_tags(Resource=function)["Tags"]
    tagged["vault"] = backup.list_tags(ResourceArn=vault)["Tags"]
    assert {name: {key: tags.get(key) for key in TAGS} for name, tags in tagged.items()} == dict.fromkeys(tagged, TAGS)


@pytest.mark.proves("The audit role has both of its policies, under the path /secure-ddb/")
def test_audit_role(minimal: Table) -> None:
    client, role = minimal.client("iam"), minimal.resource("AuditRole")
    assert client.get_role(RoleName=role)["Role"]["Path"] == "/secure-ddb/"
    attached = client.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in attached} == {
        minimal.resource("AuditPolicy"),
        minimal.resource("AuditFunctionPolicy"),
    }
