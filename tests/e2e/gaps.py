"""What the emulator's CloudFormation drops or refuses of our templates, and where our model of AWS supplies it.

Each check passes on AWS, by AWS's documentation. On the emulator as it is, each has to fail: one that passes shows that
upstream has closed the gap, and that the model can go.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.e2e.deployment import assets, ended
from tests.e2e.emulator import REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.e2e.table import Table


_NOT_POLLED = "No records processed"
_POLL_SECONDS = 60
# Fails when an environment runs it for the first time, and counts.
_FAILS_ONCE = """
count = 0

def handler(event, context):
    global count
    count += 1
    if count == 1:
        raise ValueError("the first time")
    return count
"""
_SELECTION = {
    "Type": "AWS::Backup::BackupSelection",
    "Properties": {
        "BackupPlanId": "plan",
        "BackupSelection": {
            "SelectionName": "Selection",
            "IamRoleArn": "arn:aws:iam::111122223333:role/backup",
            "Resources": ["*"],
        },
    },
}
_ALARM = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "Metrics": [{"Id": "result", "Expression": "TIME_SERIES(1)", "Period": 60}],
    },
}


class Gap(NamedTuple):
    """Something that the emulator does not do.

    Attributes:
        claim: What should be so.
        check: Asserts it of a deployed table.
        supplied_by: The file of the harness that does it instead; empty if none does.
        refused: The resource that the emulator refuses, with the whole template; empty if it only drops something.
    """

    claim: str
    check: Callable[[Table], None]
    supplied_by: str = ""
    refused: Mapping[str, Any] = MappingProxyType({})


def _encryption(table: Table) -> None:
    assert table.description().get("SSEDescription") == {
        "Status": "ENABLED",
        "SSEType": "KMS",
        "KMSMasterKeyArn": table.key_arn(),
    }


def _protection(table: Table) -> None:
    assert table.description()["DeletionProtectionEnabled"] is True


def _recovery(table: Table) -> None:
    assert _recovery_of(table)["PointInTimeRecoveryStatus"] == "ENABLED"


def _recovery_period(table: Table) -> None:
    assert _recovery_of(table).get("RecoveryPeriodInDays") == 35


def _recovery_of(table: Table) -> dict[str, Any]:
    answer = table.client("dynamodb").describe_continuous_backups(TableName=table.name)
    described: dict[str, Any] = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return described


def _insights(table: Table) -> None:
    answer = table.client("dynamodb").describe_contributor_insights(TableName=table.name)
    assert answer["ContributorInsightsStatus"] == "ENABLED"


def _tags(table: Table) -> None:
    answer = table.client("dynamodb").list_tags_of_resource(ResourceArn=table.description()["TableArn"])
    assert {"Key": "Owner", "Value": "payments@example.com"} in answer["Tags"]


def _policy(table: Table) -> None:
    assert "DenyRequestsWithoutTls" in _statements(table, table.description()["TableArn"])


def _stream_policy(table: Table) -> None:
    found = _statements(table, table.description()["LatestStreamArn"])
    assert found == {"DenyRequestsWithoutTls"}


def _statements(table: Table, arn: str) -> set[str]:
    policy = json.loads(table.client("dynamodb").get_resource_policy(ResourceArn=arn)["Policy"])
    return {statement["Sid"] for statement in policy["Statement"]}


def _selection(table: Table) -> None:
    client, plan = table.client("backup"), table.resource("BackupPlan")
    (listed,) = client.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    answer = client.get_backup_selection(BackupPlanId=plan, SelectionId=listed["SelectionId"])
    assert answer["BackupSelection"]["Resources"] == [table.description()["TableArn"]]


def _metric_math(table: Table) -> None:
    client = table.client("cloudwatch")
    (alarm,) = client.describe_alarms(AlarmNames=[table.resource("Latency")])["MetricAlarms"]
    assert {metric["Id"] for metric in alarm["Metrics"]} >= {"result", "getItem", "putItem"}


def _alias(table: Table) -> None:
    table.client("dynamodb").put_item(TableName=table.name, Item={"pk": {"S": "through the alias"}})
    _assert_processed(table)
    assert table.wait_for_lines(1)


def _partiql(table: Table) -> None:
    key = {"S": "by a statement"}
    statement = f"INSERT INTO \"{table.name}\" VALUE {{'pk': ?}}"
    table.client("dynamodb").execute_statement(Statement=statement, Parameters=[key])
    client, stream = table.client("dynamodbstreams"), table.description()["LatestStreamArn"]
    (shard,) = client.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    position = client.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    keys: list[Any] = []
    while page := (answer := client.get_records(ShardIterator=position))["Records"]:
        keys += [record["dynamodb"]["Keys"]["pk"] for record in page]
        position = answer["NextShardIterator"]
    assert key in keys


def _platform_logs(table: Table) -> None:
    alias, nothing = table.resource("AuditFunctionAlias"), b'{"Records": []}'
    answer = table.client("lambda").invoke(FunctionName=alias, Payload=nothing)
    assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
    assert [event for event in table.log_events() if event["message"].startswith("START ")] == []


def _assert_processed(table: Table) -> None:
    """Wait for the mapping's first batch; what it says of it tells at once where the function refuses all records."""
    client, mapping = table.client("lambda"), table.resource("AuditEventSource")
    until = time.monotonic() + _POLL_SECONDS
    result = _NOT_POLLED
    while result == _NOT_POLLED and time.monotonic() < until:
        result = client.get_event_source_mapping(UUID=mapping)["LastProcessingResult"]
    assert result.startswith("OK")


def _failed_batch(table: Table) -> None:
    client, bucket = table.client("s3"), table.resource("AuditFailureBucket")
    names = {f"{number:02}{'x' * 9_998}": {"S": ""} for number in range(30)}
    table.client("dynamodb").put_item(TableName=table.name, Item={"pk": {"S": "too long to log"}, **names})
    _assert_processed(table)
    until = time.monotonic() + _POLL_SECONDS
    while not (found := client.list_objects_v2(Bucket=bucket).get("Contents")) and time.monotonic() < until:
        time.sleep(0.1)
    assert found


def _template_url(table: Table) -> None:
    s3, client = table.client("s3"), table.client("cloudformation")
    s3.put_object(
        Bucket=assets(REGION), Key="topic.json", Body=json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    )
    url = f"https://{assets(REGION)}.s3.{s3.meta.region_name}.amazonaws.com/topic.json"
    stack = client.create_stack(StackName="ByUrl", TemplateURL=url)["StackId"]
    assert ended(client, stack)["StackStatus"] == "CREATE_COMPLETE"


def _refused_mapping(table: Table) -> None:
    role = table.client("iam").get_role(RoleName=table.resource("BackupRole"))["Role"]["Arn"]
    resources = {
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.14",
                "Handler": "index.handler",
                "Code": {"ZipFile": "def handler(event, context): pass"},
                "Role": role,
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "EventSourceArn": table.description()["LatestStreamArn"],
                "StartingPosition": "LATEST",
            },
        },
    }
    client = table.client("cloudformation")
    stack = client.create_stack(StackName="Refused", TemplateBody=json.dumps({"Resources": resources}))["StackId"]
    assert ended(client, stack)["StackStatus"] == "ROLLBACK_COMPLETE"


def _environment(table: Table) -> None:
    client = table.client("lambda")
    role = table.client("iam").get_role(RoleName=table.resource("AuditRole"))["Role"]["Arn"]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", _FAILS_ONCE)
    code = {"ZipFile": content.getvalue()}
    client.create_function(
        FunctionName="fails-once", Runtime="python3.14", Handler="index.handler", Role=role, Code=code
    )
    answers = [client.invoke(FunctionName="fails-once")["Payload"].read() for _ in range(2)]
    assert answers[1] == b"2"


def _bucket_encryption(table: Table) -> None:
    answer = table.client("s3").get_bucket_encryption(Bucket=table.resource("AuditFailureBucket"))
    (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": table.key_arn()}


def _object_lock(table: Table) -> None:
    answer = table.client("s3").get_object_lock_configuration(Bucket=table.resource("AuditFailureBucket"))
    assert answer["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 365}


def _log_protection(table: Table) -> None:
    answer = table.client("logs").describe_log_groups(logGroupNamePrefix=table.resource("AuditLogGroup"))
    assert answer["logGroups"][0].get("deletionProtectionEnabled") is True


def _vault_policy(table: Table) -> None:
    answer = table.client("backup").get_backup_vault_access_policy(BackupVaultName=table.resource("BackupVault"))
    assert "backup:DeleteRecoveryPoint" in answer["Policy"]


def _vault_lock(table: Table) -> None:
    answer = table.client("backup").describe_backup_vault(BackupVaultName=table.resource("BackupVault"))
    assert answer.get("MinRetentionDays") == 35


def _topic_encryption(table: Table) -> None:
    answer = table.client("sns").get_topic_attributes(TopicArn=table.resource("AlarmTopic"))
    assert answer["Attributes"].get("KmsMasterKeyId") == table.key_arn()


GAPS = (
    Gap("The table is encrypted with its own key", _encryption, "global_tables.py"),
    Gap("The table has deletion protection", _protection, "global_tables.py"),
    Gap("The table has point-in-time recovery", _recovery, "global_tables.py"),
    Gap("The table has Contributor Insights", _insights, "global_tables.py"),
    Gap("The table has the mandatory tags", _tags, "global_tables.py"),
    Gap("The table has its policy, which denies requests without TLS", _policy, "global_tables.py"),
    Gap("The stream has its policy, which denies requests without TLS", _stream_policy, "global_tables.py"),
    Gap("The backup plan selects the table, and nothing else", _selection, "backup_selections.py", _SELECTION),
    Gap("CloudFormation makes the alarms on metric math", _metric_math, "alarms.py", _ALARM),
    Gap("The mapping tells the audit function its alias, so that it takes records", _alias, "aliases.py"),
    Gap("Changes by PartiQL statements are in the stream", _partiql, "partiql.py"),
    Gap("The audit log has no START, END and REPORT of Lambda's", _platform_logs, "platform_logs.py"),
    Gap("A change that cannot be logged reaches the failure bucket", _failed_batch, "delivery.py, mappings.py"),
    Gap("CloudFormation reads a template by a URL with the bucket in its host", _template_url, "template_urls.py"),
    Gap("The failure bucket is encrypted with the table's key", _bucket_encryption, "dropped_settings.py"),
    Gap("The failure bucket locks its objects for a year", _object_lock, "dropped_settings.py"),
    Gap("The alarm topic is encrypted with the table's key", _topic_encryption, "dropped_settings.py"),
    Gap(
        "Lambda refuses a mapping whose role cannot read the stream",
        _refused_mapping,
        "creation_checks.py",
    ),
    Gap("A function goes on after an exception, in the same execution environment", _environment, "environments.py"),
    Gap("Point-in-time recovery reaches back 35 days", _recovery_period),
    Gap("The audit log has deletion protection", _log_protection),
    Gap("The vault's policy denies the deletion of recovery points", _vault_policy),
    Gap("The vault is locked", _vault_lock),
)
