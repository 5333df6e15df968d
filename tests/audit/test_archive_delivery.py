"""The archive of the audit trail: what is copied, where to, who may, and for how long it stays (AUD-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.kept_objects import take_denials
from tests.template import as_list, statements, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

BUCKET = "OrdersAuditArchiveBucket"


@pytest.fixture(scope="module")
def archived(template: Callable[[str], Template]) -> Template:
    return template("archived")


def destination(template: Template) -> dict[str, Any]:
    configuration: dict[str, Any] = template.properties("AWS::KinesisFirehose::DeliveryStream")[
        "ExtendedS3DestinationConfiguration"
    ]
    return configuration


def bucket_arn(template: Template) -> str:
    return f"arn:<AWS::Partition>:s3:::<{template.named('AWS::S3::Bucket', BUCKET)}>"


def test_objects_are_locked_for_seven_years_unless_chosen_otherwise(template: Callable[[str], Template]) -> None:
    for configuration, days in (("restricted", 2557), ("archived", 365), ("everything", 3653)):
        bucket = template(configuration).properties("AWS::S3::Bucket", BUCKET)
        assert bucket["ObjectLockEnabled"] is True
        assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": days}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


def test_objects_are_deleted_when_their_lock_has_ended(template: Callable[[str], Template]) -> None:
    for configuration, days in (("restricted", 2557), ("archived", 365)):
        (rule,) = template(configuration).properties("AWS::S3::Bucket", BUCKET)["LifecycleConfiguration"]["Rules"]
        assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", days)
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
        assert not {"Prefix", "TagFilters", "Transitions"} & rule.keys()


def test_bucket_is_encrypted_closed_to_the_public_and_stays(archived: Template) -> None:
    key = archived.named("AWS::KMS::Key", "OrdersKey")
    bucket = archived.only("AWS::S3::Bucket", BUCKET)
    (rule,) = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert text(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]) == f"<{key}.Arn>"
    assert rule["BucketKeyEnabled"] is True
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["Properties"]["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_only_firehose_writes_into_the_bucket_and_over_tls_only(archived: Template) -> None:
    role = archived.named("AWS::IAM::Role", "OrdersAuditArchiveRole")
    policy = archived.properties("AWS::S3::BucketPolicy", "OrdersAuditArchiveBucketPolicy")
    assert text(policy["Bucket"]) == f"<{archived.named('AWS::S3::Bucket', BUCKET)}>"
    found = statements(policy["PolicyDocument"])
    arn = bucket_arn(archived)
    tls = found.pop("DenyRequestsWithoutTls")
    assert (tls["Effect"], tls["Principal"], tls["Action"]) == ("Deny", {"AWS": "*"}, "s3:*")
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert [text(resource) for resource in tls["Resource"]] == [arn, f"{arn}/*"]
    others = found.pop("DenyWritingToOthers")
    assert (others["Effect"], others["Principal"], others["Action"]) == ("Deny", {"AWS": "*"}, "s3:PutObject")
    assert text(others["Resource"]) == f"{arn}/*"
    assert text(others["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]) == f"<{role}.Arn>"
    take_denials(found, arn)
    assert found == {}


def test_objects_hold_plain_lines_compressed(archived: Template) -> None:
    configuration = destination(archived)
    assert configuration["CompressionFormat"] == "GZIP"
    processing = configuration["ProcessingConfiguration"]
    assert processing["Enabled"] is True
    unpacked, extracted, ended = processing["Processors"]
    assert unpacked == {
        "Type": "Decompression",
        "Parameters": [{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}],
    }
    assert extracted == {
        "Type": "CloudWatchLogProcessing",
        "Parameters": [{"ParameterName": "DataMessageExtraction", "ParameterValue": "true"}],
    }
    assert ended == {"Type": "AppendDelimiterToRecord"}


def test_objects_lie_by_day_and_what_cannot_be_unpacked_lies_apart(archived: Template) -> None:
    configuration = destination(archived)
    assert text(configuration["BucketARN"]) == bucket_arn(archived)
    assert configuration["Prefix"] == "audit/day=!{timestamp:yyyy-MM-dd}/"
    assert configuration["ErrorOutputPrefix"] == ("errors/!{firehose:error-output-type}/day=!{timestamp:yyyy-MM-dd}/")


def test_lines_wait_a_quarter_of_an_hour_at_most(archived: Template) -> None:
    assert destination(archived)["BufferingHints"] == {"IntervalInSeconds": 900, "SizeInMBs": 64}


def test_lines_that_wait_are_encrypted_with_the_table_s_key(archived: Template) -> None:
    key = archived.named("AWS::KMS::Key", "OrdersKey")
    stream = archived.properties("AWS::KinesisFirehose::DeliveryStream")
    encryption = stream["DeliveryStreamEncryptionConfigurationInput"]
    assert stream["DeliveryStreamType"] == "DirectPut"
    assert encryption["KeyType"] == "CUSTOMER_MANAGED_CMK"
    assert text(encryption["KeyARN"]) == f"<{key}.Arn>"


def test_the_bucket_s_own_encryption_applies(archived: Template) -> None:
    assert "EncryptionConfiguration" not in destination(archived)


def test_why_a_delivery_failed_is_logged(archived: Template) -> None:
    key = archived.named("AWS::KMS::Key", "OrdersKey")
    log_group = archived.named("AWS::Logs::LogGroup", "OrdersAuditArchiveErrorLog")
    (log_stream,) = archived.of_type("AWS::Logs::LogStream")
    logging = destination(archived)["CloudWatchLoggingOptions"]
    assert logging["Enabled"] is True
    assert text(logging["LogGroupName"]) == f"<{log_group}>"
    assert text(logging["LogStreamName"]) == f"<{log_stream}>"
    properties = archived.properties("AWS::Logs::LogGroup", "OrdersAuditArchiveErrorLog")
    assert properties["RetentionInDays"] == 90
    assert text(properties["KmsKeyId"]) == f"<{key}.Arn>"


def test_every_line_of_the_audit_log_is_passed_on(archived: Template) -> None:
    (stream,) = archived.of_type("AWS::KinesisFirehose::DeliveryStream")
    log_group = archived.named("AWS::Logs::LogGroup", "OrdersAuditLogGroup")
    subscription = archived.properties("AWS::Logs::SubscriptionFilter")
    assert text(subscription["LogGroupName"]) == f"<{log_group}>"
    assert subscription["FilterPattern"] == ""
    assert text(subscription["DestinationArn"]) == f"<{stream}.Arn>"


def test_firehose_s_role_writes_one_bucket_and_logs_its_errors_and_nothing_else(archived: Template) -> None:
    key = archived.named("AWS::KMS::Key", "OrdersKey")
    log_group = archived.named("AWS::Logs::LogGroup", "OrdersAuditArchiveErrorLog")
    (log_stream,) = archived.of_type("AWS::Logs::LogStream")
    policy = statements(archived.properties("AWS::IAM::ManagedPolicy", "OrdersAuditArchivePolicy")["PolicyDocument"])
    found = {sid: (set(as_list(item["Action"])), text(item["Resource"])) for sid, item in policy.items()}
    error_log = f"arn:<AWS::Partition>:logs:eu-central-1:111122223333:log-group:<{log_group}>:log-stream:<{log_stream}>"
    assert found == {
        "ArchiveAuditLog": (
            {"s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"},
            f"{bucket_arn(archived)}/*",
        ),
        "FindBucket": (
            {"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"},
            bucket_arn(archived),
        ),
        "UseTableKey": ({"kms:Decrypt", "kms:GenerateDataKey"}, f"<{key}.Arn>"),
        "LogErrors": ({"logs:PutLogEvents"}, error_log),
    }
    assert policy["UseTableKey"]["Condition"] == {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}


def test_cloudwatch_logs_role_puts_records_into_one_stream_and_nothing_else(archived: Template) -> None:
    key = archived.named("AWS::KMS::Key", "OrdersKey")
    (stream,) = archived.of_type("AWS::KinesisFirehose::DeliveryStream")
    document = archived.properties("AWS::IAM::ManagedPolicy", "OrdersAuditArchiveSubscriptionPolicy")["PolicyDocument"]
    policy = statements(document)
    found = {sid: (set(as_list(item["Action"])), text(item["Resource"])) for sid, item in policy.items()}
    assert found == {
        "PutAuditLog": ({"firehose:PutRecord", "firehose:PutRecordBatch"}, f"<{stream}.Arn>"),
        "UseTableKey": ({"kms:Decrypt", "kms:GenerateDataKey"}, f"<{key}.Arn>"),
    }
    assert policy["UseTableKey"]["Condition"] == {
        "StringEquals": {"kms:ViaService": "firehose.eu-central-1.amazonaws.com"}
    }


@pytest.mark.parametrize(
    ("role", "policy", "service", "condition"),
    [
        (
            "OrdersAuditArchiveRole",
            "OrdersAuditArchivePolicy",
            "firehose.amazonaws.com",
            ("StringEquals", "sts:ExternalId", "111122223333"),
        ),
        (
            "OrdersAuditArchiveSubscriptionRole",
            "OrdersAuditArchiveSubscriptionPolicy",
            "logs.amazonaws.com",
            ("StringLike", "aws:SourceArn", "arn:<AWS::Partition>:logs:eu-central-1:111122223333:*"),
        ),
    ],
)
def test_only_the_service_assumes_a_role_and_for_this_account_only(
    archived: Template, role: str, policy: str, service: str, condition: tuple[str, str, str]
) -> None:
    properties = archived.properties("AWS::IAM::Role", role)
    (trust,) = properties["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": service}
    operator, name, value = condition
    assert trust["Condition"].keys() == {operator}
    assert {key: text(found) for key, found in trust["Condition"][operator].items()} == {name: value}
    assert [text(arn) for arn in properties["ManagedPolicyArns"]] == [
        f"<{archived.named('AWS::IAM::ManagedPolicy', policy)}>"
    ]
    assert "Policies" not in properties


def test_no_change_is_logged_before_it_would_be_archived(archived: Template) -> None:
    (subscription,) = archived.of_type("AWS::Logs::SubscriptionFilter")
    assert subscription in as_list(archived.only("AWS::Lambda::EventSourceMapping")["DependsOn"])
