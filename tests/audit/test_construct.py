"""The wiring of the audit trail (AUD-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk.assertions import Template as Assertions
from aws_cdk.aws_kms import CfnKey
from aws_cdk.aws_lambda import Runtime

from secure_ddb import AuditSettings, DataClassification, InvalidArgumentError, LoggedKeys, SecureTable
from secure_ddb.access.actions import STREAM_POLICY
from tests.audit.kept_objects import take_denials
from tests.orders import OWNERSHIP, PK
from tests.template import Template, as_list, statements, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

# They differ in what the function is told.
VERSIONS = ("minimal", "plain_keys")


def test_stream_triggers_the_audit_function_through_its_alias(minimal: Template) -> None:
    (table,) = minimal.of_type("AWS::DynamoDB::GlobalTable")
    (function,) = minimal.of_type("AWS::Lambda::Function")
    (version,) = minimal.of_type("AWS::Lambda::Version")
    ((alias, resource),) = minimal.of_type("AWS::Lambda::Alias").items()
    mapping = minimal.properties("AWS::Lambda::EventSourceMapping")
    assert text(mapping["EventSourceArn"]) == f"<{table}.StreamArn>"
    assert text(mapping["FunctionName"]) == f"<{alias}>"
    assert {name: text(value) for name, value in resource["Properties"].items()} == {
        "Name": "secure-ddb",
        "FunctionName": f"<{function}>",
        "FunctionVersion": f"<{version}.Version>",
    }


def test_other_settings_publish_another_version(template: Callable[[str], Template]) -> None:
    names = {configuration: [*template(configuration).of_type("AWS::Lambda::Version")] for configuration in VERSIONS}
    assert [len(versions) for versions in names.values()] == [1] * len(VERSIONS)
    assert len({version for (version,) in names.values()}) == len(VERSIONS)


def test_another_digest_key_publishes_another_version(minimal: Template, stack: Stack) -> None:
    """As docs/decisions/digest-key.md replaces it: after the table was made."""
    orders = SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP)
    key = orders.node.find_child("AuditDigestKey")
    assert isinstance(key, CfnKey)
    key.override_logical_id("OrdersAuditDigestKey2027")
    (version,) = Template({**Assertions.from_stack(stack).to_json()}).of_type("AWS::Lambda::Version")
    assert version not in minimal.of_type("AWS::Lambda::Version")


def test_no_change_is_missed_between_table_and_mapping(minimal: Template) -> None:
    assert minimal.properties("AWS::Lambda::EventSourceMapping")["StartingPosition"] == "TRIM_HORIZON"


def test_function_runs_the_newest_python_on_arm(minimal: Template) -> None:
    function = minimal.properties("AWS::Lambda::Function")
    known = [int(name.rsplit("_", 1)[1]) for name in dir(Runtime) if name.startswith("PYTHON_3_")]
    assert function["Runtime"] == f"python3.{max(known)}"
    assert function["Architectures"] == ["arm64"]
    assert function["Handler"] == "audit_trail.index.handler"


def test_retries_end_before_the_stream_forgets(minimal: Template) -> None:
    mapping = minimal.properties("AWS::Lambda::EventSourceMapping")
    assert 0 < mapping["MaximumRetryAttempts"] <= 10
    hours_left = 24 - mapping["MaximumRecordAgeInSeconds"] / 3600
    assert hours_left >= 6


def test_a_poison_record_is_isolated(minimal: Template) -> None:
    mapping = minimal.properties("AWS::Lambda::EventSourceMapping")
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_failed_records_themselves_are_kept(minimal: Template) -> None:
    (bucket,) = minimal.of_type("AWS::S3::Bucket")
    destination = minimal.properties("AWS::Lambda::EventSourceMapping")["DestinationConfig"]["OnFailure"]
    assert text(destination["Destination"]) == f"arn:<AWS::Partition>:s3:::<{bucket}>"


def test_failed_records_are_versioned_locked_and_closed_to_the_public(minimal: Template) -> None:
    bucket = minimal.properties("AWS::S3::Bucket")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["ObjectLockEnabled"] is True
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 365}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_failed_records_are_locked_as_long_as_the_classification_demands(template: Callable[[str], Template]) -> None:
    bucket = template("restricted").properties("AWS::S3::Bucket", "OrdersAuditFailureBucket")
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Days"] == 400


def test_failure_bucket_denies_writes_by_others_and_requests_without_tls(minimal: Template) -> None:
    (bucket,) = minimal.of_type("AWS::S3::Bucket")
    (role,) = (name for name in minimal.of_type("AWS::IAM::Role") if name.startswith("OrdersAuditRole"))
    policy = minimal.properties("AWS::S3::BucketPolicy")
    assert text(policy["Bucket"]) == f"<{bucket}>"
    found = statements(policy["PolicyDocument"])
    arn = f"arn:<AWS::Partition>:s3:::<{bucket}>"
    tls = found.pop("DenyRequestsWithoutTls")
    assert tls["Effect"] == "Deny"
    assert tls["Principal"] == {"AWS": "*"}
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert [text(resource) for resource in tls["Resource"]] == [arn, f"{arn}/*"]
    others = found.pop("DenyWritingToOthers")
    assert (others["Effect"], others["Principal"], others["Action"]) == ("Deny", {"AWS": "*"}, "s3:PutObject")
    assert text(others["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]) == f"<{role}.Arn>"
    take_denials(found, arn)
    assert found == {}


def test_role_reads_one_stream_writes_one_log_group_and_one_bucket_and_uses_one_key(minimal: Template) -> None:
    (bucket,) = minimal.of_type("AWS::S3::Bucket")
    bucket_arn = f"arn:<AWS::Partition>:s3:::<{bucket}>"
    (table,) = minimal.of_type("AWS::DynamoDB::GlobalTable")
    (log_group,) = minimal.of_type("AWS::Logs::LogGroup")
    key = minimal.named("AWS::KMS::Key", "OrdersKey")
    policy = statements(minimal.properties("AWS::IAM::ManagedPolicy", "OrdersAuditPolicy")["PolicyDocument"])
    found = {sid: (set(as_list(item["Action"])), text(item["Resource"])) for sid, item in policy.items()}
    stream_actions = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
    assert found == {
        "ReadStream": ({f"dynamodb:{action}" for action in stream_actions}, f"<{table}.StreamArn>"),
        "WriteAuditLog": ({"logs:CreateLogStream", "logs:PutLogEvents"}, f"<{log_group}.Arn>"),
        "KeepAndReplayFailedAuditRecords": ({"s3:GetObject", "s3:PutObject"}, f"{bucket_arn}/*"),
        "FindBucket": ({"s3:ListBucket"}, bucket_arn),
        "DecryptStreamAndKeepFailedRecords": ({"kms:Decrypt", "kms:GenerateDataKey"}, f"<{key}.Arn>"),
        "DenyPollersWorkToCode": ({"s3:PutObject", *STREAM_POLICY}, "*"),
    }


def test_code_does_not_read_the_stream_nor_write_failed_records(minimal: Template) -> None:
    policy = statements(minimal.properties("AWS::IAM::ManagedPolicy", "OrdersAuditPolicy")["PolicyDocument"])
    denial = policy["DenyPollersWorkToCode"]
    assert (denial["Effect"], denial["Condition"]) == ("Deny", {"Null": {"lambda:SourceFunctionArn": "false"}})


def test_another_function_with_the_role_digests_writes_and_replays_nothing(minimal: Template) -> None:
    (function,) = minimal.of_type("AWS::Lambda::Function")
    role = minimal.named("AWS::IAM::Role", "OrdersAuditRole")
    policy = minimal.properties("AWS::IAM::ManagedPolicy", "OrdersAuditFunctionPolicy")
    assert [text(name) for name in policy["Roles"]] == [f"<{role}>"]
    (denial,) = policy["PolicyDocument"]["Statement"]
    assert denial["Effect"] == "Deny"
    assert set(denial["Action"]) == {
        "kms:GenerateMac",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
    }
    condition = denial["Condition"]["ArnNotLike"]["lambda:SourceFunctionArn"]
    assert [text(arn) for arn in condition] == [f"<{function}.Arn>", f"<{function}.Arn>:*"]


def test_role_uses_the_key_through_dynamodb_and_s3_only(minimal: Template) -> None:
    policy = statements(minimal.properties("AWS::IAM::ManagedPolicy", "OrdersAuditPolicy")["PolicyDocument"])
    assert policy["DecryptStreamAndKeepFailedRecords"]["Condition"] == {
        "StringEquals": {"kms:ViaService": ["dynamodb.eu-central-1.amazonaws.com", "s3.eu-central-1.amazonaws.com"]}
    }


def test_only_lambda_assumes_the_role_and_it_has_no_other_policy(minimal: Template) -> None:
    (policy,) = (name for name in minimal.of_type("AWS::IAM::ManagedPolicy") if name.startswith("OrdersAuditPolicy"))
    role = minimal.properties("AWS::IAM::Role", "OrdersAuditRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    (name,) = (name for name in minimal.of_type("AWS::IAM::Role") if name.startswith("OrdersAuditRole"))
    attached = minimal.of_type("AWS::IAM::ManagedPolicy")[policy]["Properties"]["Roles"]
    assert [text(found) for found in attached] == [f"<{name}>"]
    assert not {"ManagedPolicyArns", "Policies"} & role.keys()


def test_the_mapping_waits_for_the_permissions_of_the_role(minimal: Template) -> None:
    # Lambda checks them when the mapping is made. The role itself waits for nothing: the stream's policy names it.
    mapping = minimal.only("AWS::Lambda::EventSourceMapping")
    assert minimal.named("AWS::IAM::ManagedPolicy", "OrdersAuditPolicy") in mapping["DependsOn"]


def test_function_writes_to_its_own_retained_log_group(minimal: Template) -> None:
    (name,) = minimal.of_type("AWS::Logs::LogGroup")
    log_group = minimal.only("AWS::Logs::LogGroup")
    assert log_group["Properties"]["RetentionInDays"] == 400
    assert log_group["Properties"]["DeletionProtectionEnabled"] is True
    # The rollback of a failed creation could not delete it.
    assert (log_group["DeletionPolicy"], log_group["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert text(minimal.properties("AWS::Lambda::Function")["LoggingConfig"]["LogGroup"]) == f"<{name}>"


def test_the_log_of_an_ephemeral_table_can_be_deleted(template: Callable[[str], Template]) -> None:
    log_group = template("ephemeral").only("AWS::Logs::LogGroup")
    assert "DeletionProtectionEnabled" not in log_group["Properties"]
    assert log_group["DeletionPolicy"] == "Delete"


def test_lambdas_own_lines_stay_out_of_the_audit_log(minimal: Template) -> None:
    logging = minimal.properties("AWS::Lambda::Function")["LoggingConfig"]
    assert (logging["LogFormat"], logging["SystemLogLevel"]) == ("JSON", "WARN")


def test_retention_can_be_chosen(template: Callable[[str], Template]) -> None:
    assert template("everything").properties("AWS::Logs::LogGroup", "OrdersAuditLogGroup")["RetentionInDays"] == 3653


def test_only_the_audit_function_computes_macs_and_the_account_lets_auditors_verify_them(minimal: Template) -> None:
    role = minimal.named("AWS::IAM::Role", "OrdersAuditRole")
    key = minimal.properties("AWS::KMS::Key", "OrdersAuditDigestKey")
    assert (key["KeySpec"], key["KeyUsage"]) == ("HMAC_256", "GENERATE_VERIFY_MAC")
    policy = statements(key["KeyPolicy"])
    digest = policy.pop("DigestItemKeys")
    assert text(digest["Principal"]["AWS"]) == f"<{role}.Arn>"
    assert digest["Action"] == "kms:GenerateMac"
    verify = policy.pop("VerifyLinks")
    assert verify["Action"] == "kms:VerifyMac"
    assert text(verify["Principal"]["AWS"]).endswith(":root")
    for statement in policy.values():
        assert not {"kms:GenerateMac", "kms:VerifyMac", "kms:CreateGrant", "kms:*"} & set(as_list(statement["Action"]))


def _places(template: Template) -> dict[str, str]:
    (log_group,) = template.of_type("AWS::Logs::LogGroup")
    (bucket,) = template.of_type("AWS::S3::Bucket")
    (table,) = template.of_type("AWS::DynamoDB::GlobalTable")
    return {"LOG_GROUP": f"<{log_group}>", "FAILURE_BUCKET": f"<{bucket}>", "STREAMS": f"<{table}.Arn>/stream/"}


def test_function_is_told_the_key_and_no_secret(minimal: Template) -> None:
    key = minimal.named("AWS::KMS::Key", "OrdersAuditDigestKey")
    variables = minimal.properties("AWS::Lambda::Function")["Environment"]["Variables"]
    assert {name: text(value) for name, value in variables.items()} == {
        "KEYS": "digest",
        "HMAC_KEY_ID": f"<{key}.Arn>",
        **_places(minimal),
    }


def test_keys_in_clear_need_no_key_and_show_in_the_template(template: Callable[[str], Template]) -> None:
    plain = template("plain_keys")
    assert [name for name in plain.of_type("AWS::KMS::Key") if "Digest" in name] == []
    variables = plain.properties("AWS::Lambda::Function")["Environment"]["Variables"]
    assert {name: text(value) for name, value in variables.items()} == {
        "KEYS": "plain",
        "CLEAR_ATTRIBUTES": '["status"]',
        **_places(plain),
    }
    settings = plain.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["settings"]
    assert settings == {"audit.keys": "plain (default digest)", "audit.clear_attributes": "status"}


@pytest.mark.parametrize("classification", [DataClassification.CONFIDENTIAL, DataClassification.RESTRICTED])
def test_keys_of_confidential_data_are_not_logged_in_clear(stack: Stack, classification: DataClassification) -> None:
    with pytest.raises(InvalidArgumentError, match=r"audit.keys is .*; allowed: LoggedKeys.DIGEST for"):
        SecureTable(
            stack,
            "Orders",
            partition_key=PK,
            ownership=OWNERSHIP,
            classification=classification,
            audit=AuditSettings(keys=LoggedKeys.PLAIN),
        )


def test_a_waiver_leaves_the_audit_trail_out(template: Callable[[str], Template]) -> None:
    waived = template("waived")
    for kind in ("Lambda::Function", "Lambda::EventSourceMapping", "Logs::LogGroup", "S3::Bucket", "IAM::Role"):
        assert waived.of_type(f"AWS::{kind}") == {}
