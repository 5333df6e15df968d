"""Who reads is recorded by a trail of the table's own, or claimed to be by one of the organization (AUD-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, NestedStack

from secure_ddb import (
    AuditSettings,
    DataClassification,
    InvalidArgumentError,
    OrganizationTrail,
    SecureTable,
    TableTrail,
)
from tests import configurations
from tests.audit.kept_objects import REPLICATION, denied_actions, take_denials
from tests.orders import OWNERSHIP, PK
from tests.template import Template, as_list, statements, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

ARN = "arn:<AWS::Partition>:cloudtrail:eu-central-1:111122223333:trail/TestOrdersC225794E532EAABD"
SOMEBODY = "arn:<AWS::Partition>:sts::111122223333:assumed-role/application/session"
# How CloudTrail compares; what selects is OR-ed, what deselects is AND-ed, and so are the fields:
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html#filtering-data-events-conditions
SELECTS = {"Equals": str.__eq__, "StartsWith": str.startswith}
DESELECTS = {"NotEquals": str.__eq__, "NotStartsWith": str.startswith}


@pytest.fixture(scope="module")
def own(template: Callable[[str], Template]) -> Template:
    return template("own_trail")


@pytest.fixture(scope="module")
def table_arn(own: Template) -> str:
    (table,) = own.of_type("AWS::DynamoDB::GlobalTable")
    return f"<{table}.Arn>"


@pytest.fixture(scope="module")
def audit_sessions(own: Template) -> str:
    role = own.named("AWS::IAM::Role", "OrdersAuditRole")
    return f"arn:<AWS::Partition>:sts::111122223333:assumed-role/<{role}>/"


def trail(template: Template) -> dict[str, Any]:
    return template.properties("AWS::CloudTrail::Trail")


def bucket(template: Template) -> dict[str, Any]:
    return template.properties("AWS::S3::Bucket", "OrdersTrailBucket")


def evidence(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = template.only("AWS::DynamoDB::GlobalTable").get("Metadata", {}).get("SecureTable", {})
    return found


def field_matches(selector: dict[str, Any], value: str) -> bool:
    def any_of(operators: dict[str, Any]) -> list[bool]:
        return [
            compare(value, text(wanted))
            for name, compare in operators.items()
            if name in selector
            for wanted in selector[name]
        ]

    selected = any_of(SELECTS)
    return (not selected or any(selected)) and not any(any_of(DESELECTS))


def recorded(template: Template, kind: str, arn: str, caller: str = SOMEBODY, **event: str) -> bool:
    """Tell whether the trail records a data event on a resource."""
    fields = {
        "eventCategory": "Data",
        "resources.type": f"AWS::DynamoDB::{kind}",
        "resources.ARN": arn,
        "userIdentity.arn": caller,
        "eventName": "GetItem",
        "readOnly": "true",
        **event,
    }
    return any(
        all(field_matches(field, fields[field["Field"]]) for field in selector["FieldSelectors"])
        for selector in trail(template)["AdvancedEventSelectors"]
    )


def test_reads_and_writes_of_the_table_and_its_indexes_are_recorded(own: Template, table_arn: str) -> None:
    assert recorded(own, "Table", table_arn)
    assert recorded(own, "Table", f"{table_arn}/index/by-status", eventName="Query")
    assert recorded(own, "Table", table_arn, eventName="PutItem", readOnly="false")


def test_a_select_is_recorded_of_which_cloudtrail_says_that_it_is_no_read(own: Template, table_arn: str) -> None:
    assert recorded(own, "Table", table_arn, eventName="ExecuteStatement", readOnly="false")


def test_reads_of_the_stream_are_recorded(own: Template, table_arn: str) -> None:
    assert recorded(own, "Stream", f"{table_arn}/stream/2030-01-01T00:00:00.000", eventName="GetRecords")


def test_what_is_not_this_table_s_is_not_recorded(own: Template, table_arn: str) -> None:
    for kind in ("Table", "Stream"):
        assert not recorded(own, kind, f"{table_arn}Archive")
        assert not recorded(own, kind, f"{table_arn}Archive/index/by-status")
        assert not recorded(own, kind, f"{table_arn}Archive/stream/2030-01-01T00:00:00.000")
    assert not recorded(own, "Table", table_arn, **{"resources.type": "AWS::S3::Object"})


def test_management_events_are_not_recorded(own: Template, table_arn: str) -> None:
    assert not recorded(own, "Table", table_arn, eventCategory="Management")
    assert "EventSelectors" not in trail(own)


def test_audit_function_asking_for_records_costs_nothing(own: Template, table_arn: str, audit_sessions: str) -> None:
    for kind, arn in (("Stream", f"{table_arn}/stream/2030-01-01T00:00:00.000"), ("Table", table_arn)):
        assert not recorded(own, kind, arn, caller=f"{audit_sessions}awslambda", eventName="GetRecords")
    # A role whose name only begins alike is somebody else.
    assert recorded(own, "Table", table_arn, caller=audit_sessions.replace(">/", ">2/"))


def test_trail_is_of_this_region_validated_encrypted_and_running(own: Template) -> None:
    key = own.named("AWS::KMS::Key", "OrdersKey")
    found = trail(own)
    assert found["IsLogging"] is True
    assert found["EnableLogFileValidation"] is True
    assert (found["IsMultiRegionTrail"], found["IncludeGlobalServiceEvents"]) == (False, False)
    assert text(found["KMSKeyId"]) == f"<{key}.Arn>"
    assert ARN.endswith(f"trail/{found['TrailName']}")


def test_log_files_go_to_a_bucket_of_their_own(own: Template) -> None:
    name = own.named("AWS::S3::Bucket", "OrdersTrailBucket")
    assert text(trail(own)["S3BucketName"]) == f"<{name}>"
    assert text(own.properties("AWS::S3::BucketPolicy", "OrdersTrailBucketPolicy")["Bucket"]) == f"<{name}>"
    assert "S3KeyPrefix" not in trail(own)


def test_trail_waits_for_the_policy_that_lets_it_deliver(own: Template) -> None:
    policy = own.named("AWS::S3::BucketPolicy", "OrdersTrailBucketPolicy")
    assert policy in as_list(own.only("AWS::CloudTrail::Trail")["DependsOn"])


def test_log_files_are_encrypted_versioned_locked_and_closed_to_the_public(own: Template) -> None:
    key = own.named("AWS::KMS::Key", "OrdersKey")
    found = bucket(own)
    (rule,) = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert text(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]) == f"<{key}.Arn>"
    # With a bucket key CloudTrail would need the right to decrypt.
    assert rule["BucketKeyEnabled"] is False
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}
    assert found["ObjectLockEnabled"] is True
    assert found["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 400}
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    assert own.only("AWS::S3::Bucket", "OrdersTrailBucket")["DeletionPolicy"] == "RetainExceptOnCreate"


def test_log_files_are_deleted_when_their_retention_is_over(own: Template) -> None:
    (rule,) = bucket(own)["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 400)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_only_cloudtrail_writes_for_this_trail_and_over_tls(own: Template) -> None:
    name = own.named("AWS::S3::Bucket", "OrdersTrailBucket")
    found = statements(own.properties("AWS::S3::BucketPolicy", "OrdersTrailBucketPolicy")["PolicyDocument"])
    arn = f"arn:<AWS::Partition>:s3:::<{name}>"
    tls = found.pop("DenyRequestsWithoutTls")
    assert (tls["Effect"], tls["Action"], tls["Principal"]) == ("Deny", "s3:*", {"AWS": "*"})
    assert [text(resource) for resource in tls["Resource"]] == [arn, f"{arn}/*"]
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    others = found.pop("DenyWritingToOthers")
    assert (others["Effect"], others["Principal"], others["Action"]) == ("Deny", {"AWS": "*"}, "s3:PutObject")
    assert text(others["Resource"]) == f"{arn}/*"
    take_denials(found, arn)
    for statement in found.values():
        assert (statement["Effect"], statement["Principal"]) == ("Allow", {"Service": "cloudtrail.amazonaws.com"})
    assert {(statement["Action"], text(statement["Resource"])) for statement in found.values()} == {
        ("s3:GetBucketAcl", arn),
        ("s3:PutObject", f"{arn}/AWSLogs/111122223333/*"),
    }


def test_what_lets_cloudtrail_write_keeps_it_out_of_the_denial(own: Template) -> None:
    found = statements(own.properties("AWS::S3::BucketPolicy", "OrdersTrailBucketPolicy")["PolicyDocument"])
    allowed = found["DeliverLogFiles"]["Condition"]
    # A key that a request does not carry is unequal: everybody without a source is denied.
    denied = found["DenyWritingToOthers"]["Condition"]
    assert set(allowed) == {"StringEquals"}
    assert set(denied) == {"StringNotEquals"}
    assert text(allowed["StringEquals"]["aws:SourceArn"]) == ARN
    assert {key: text(value) for key, value in denied["StringNotEquals"].items()} == {"aws:SourceArn": ARN}
    assert allowed["StringEquals"]["s3:x-amz-acl"] == "bucket-owner-full-control"
    assert text(found["CheckBucket"]["Condition"]["StringEquals"]["aws:SourceArn"]) == ARN


def test_retention_can_be_chosen(template: Callable[[str], Template]) -> None:
    (rule,) = bucket(template("ephemeral_trail"))["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 90


def test_retention_below_the_floor_is_refused(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        SecureTable(
            stack,
            "Orders",
            partition_key=PK,
            ownership=OWNERSHIP,
            classification=DataClassification.RESTRICTED,
            audit=AuditSettings(reads=TableTrail(retention=Duration.days(399))),
        )
    assert str(raised.value) == "audit.reads.retention is '399 days'; allowed: 400 days or more for RESTRICTED"


def test_trail_of_an_ephemeral_table_goes_away_with_it(template: Callable[[str], Template]) -> None:
    ephemeral = template("ephemeral_trail")
    found = ephemeral.only("AWS::S3::Bucket", "OrdersTrailBucket")
    assert found["DeletionPolicy"] == found["UpdateReplacePolicy"] == "Delete"
    assert "ObjectLockEnabled" not in found["Properties"]
    name = ephemeral.named("AWS::S3::Bucket", "OrdersTrailBucket")
    emptied = {
        text(resource["Properties"]["BucketName"]): as_list(resource["DependsOn"])
        for resource in ephemeral.of_type("Custom::S3AutoDeleteObjects").values()
    }
    # The policy has to outlive the deletion of the objects that it allows.
    assert ephemeral.named("AWS::S3::BucketPolicy", "OrdersTrailBucketPolicy") in emptied[f"<{name}>"]


def test_policy_of_an_ephemeral_trail_lets_its_bucket_be_emptied(template: Callable[[str], Template]) -> None:
    policy = template("ephemeral_trail").properties("AWS::S3::BucketPolicy", "OrdersTrailBucketPolicy")
    *ours, emptying = policy["PolicyDocument"]["Statement"]
    assert [statement["Sid"] for statement in ours] == [
        "DenyRequestsWithoutTls",
        "CheckBucket",
        "DeliverLogFiles",
        "DenyWritingToOthers",
        "DenyReplication",
    ]
    assert "s3:DeleteObject*" in emptying["Action"]
    assert denied_actions(ours) == REPLICATION
    assert text(emptying["Principal"]["AWS"]).startswith("<CustomS3AutoDeleteObjects")


def test_trail_in_a_nested_stack_has_a_name_that_is_known(stack: Stack) -> None:
    nested = NestedStack(stack, "Nested")
    configurations.own_trail(nested)
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()
    (found,) = (child for child in nested.node.find_all() if child.node.path.endswith("/Trail"))
    assert found.trail_name.startswith("TestNestedOrders")  # type: ignore[attr-defined]
    assert found.trail_name.isalnum()  # type: ignore[attr-defined]


def test_own_trail_shows_in_the_template_with_what_its_log_files_show(own: Template) -> None:
    said = evidence(own)["settings"]["audit.reads"]
    assert said == "a trail of the table's own; its log files show item keys in clear and are kept 400 days"
    assert "claims" not in evidence(own)


def test_trail_of_the_organization_is_a_claim_and_makes_nothing(template: Callable[[str], Template]) -> None:
    stated = template("organization_trail")
    assert evidence(stated) == {
        "claims": {
            "audit.reads": "arn:aws:cloudtrail:eu-central-1:111122223333:trail/organization records the table's data "
            "events (stated by SEC-142)"
        }
    }
    assert stated.resources.keys() == template("minimal").resources.keys()


def test_no_trail_is_made_unless_asked_for(template: Callable[[str], Template]) -> None:
    for name in ("minimal", "restricted", "archived"):
        assert template(name).of_type("AWS::CloudTrail::Trail") == {}
        assert "audit.reads" not in str(evidence(template(name)))


def test_claim_needs_both_texts() -> None:
    with pytest.raises(TypeError):
        OrganizationTrail(trail="organization")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        OrganizationTrail(stated_by="SEC-142")  # type: ignore[call-arg]
