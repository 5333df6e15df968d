"""Copies of items in Amazon S3, and an audit log that leaves for a security account."""

from __future__ import annotations

import json
from typing import Any

from tests.rules.cases.making import Cases, Change, P
from tests.rules.handwritten.making import (
    ACCOUNT,
    KEY_ARN,
    PARAMETER,
    RETAINED,
    TAGS,
    allow,
    grants,
    locked_bucket,
    no_tls,
    trust,
)

SECURITY = "444455556666"
EXPIRIES = {"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}}


def function(role: str) -> Change:
    return (
        role.removesuffix("Role"),
        {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": [role, "Arn"]}}},
    )


def role(name: str, *statements: dict[str, Any]) -> Change:
    properties = {
        "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
        "Policies": [grants(*statements)],
    }
    return name, {"Type": "AWS::IAM::Role", "Properties": properties}


def destination(*statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::Destination",
        "Properties": {
            "DestinationName": "audit",
            "TargetArn": {"Fn::GetAtt": "Delivery.Arn"},
            "RoleArn": {"Fn::GetAtt": "ArchiveRole.Arn"},
            "DestinationPolicy": json.dumps({"Statement": list(statements)}),
        },
    }


def senders(principal: Any, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "logs:PutSubscriptionFilter", "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement


STREAM = {"Fn::GetAtt": "Table.StreamArn"}
COPIES: list[Change] = [
    ("Items", locked_bucket()),
    (
        "ItemsPolicy",
        {
            "Type": "AWS::S3::BucketPolicy",
            **RETAINED,
            "Properties": {
                "Bucket": {"Ref": "Items"},
                **grants(no_tls("*", [{"Fn::GetAtt": "Items.Arn"}, {"Fn::Sub": "${Items.Arn}/*"}])),
            },
        },
    ),
    function("ExporterRole"),
    role(
        "ExporterRole",
        allow("dynamodb:Export*", {"Fn::GetAtt": "Table.Arn"}),
        # Below a prefix only.
        allow("s3:PutObject", {"Fn::Sub": "${Items.Arn}/exports/*"}),
    ),
    (
        "Nightly",
        {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "ScheduleExpression": "rate(1 day)",
                "Targets": [{"Id": "Exporter", "Arn": {"Fn::GetAtt": "Exporter.Arn"}}],
            },
        },
    ),
    function("KeeperRole"),
    role(
        "KeeperRole",
        allow(["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], STREAM),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN),
        allow("s3:PutObject", {"Fn::Sub": "${Items.Arn}/*"}),
        allow("s3:ListBucket", {"Fn::GetAtt": "Items.Arn"}),
    ),
    (
        "Expiries",
        {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": STREAM,
                "FunctionName": {"Ref": "Keeper"},
                "StartingPosition": "TRIM_HORIZON",
                "FilterCriteria": {"Filters": [{"Pattern": json.dumps(EXPIRIES)}]},
                "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": "Items.Arn"}}},
                "Tags": TAGS,
            },
        },
    ),
    (
        "Leaving",
        {
            "Type": "AWS::Logs::SubscriptionFilter",
            "Properties": {
                "LogGroupName": "/aws/lambda/audit",
                "FilterPattern": "",
                "DestinationArn": f"arn:aws:logs:eu-central-1:{SECURITY}:destination:audit",
            },
        },
    ),
    ("Destination", destination(senders({"AWS": SECURITY}))),
]
ITEMS, EXPIRING, LEAVING = f"Items/{P}", f"Expiries/{P}", f"Leaving/{P}"
LOCK = f"{ITEMS}/ObjectLockConfiguration"
ENCRYPTION = f"{ITEMS}/BucketEncryption"


def each(*changes: Change) -> list[Change | list[Change]]:
    """Return the copies with one thing changed at a time."""
    return [[*COPIES, change] for change in changes]


def policy(value: Any) -> Change:
    return f"Destination/{P}/DestinationPolicy", value


CASES: dict[str, Cases] = {
    "OPS12": Cases(
        broken=[
            *each(
                (ENCRYPTION, None),
                (LOCK, None),
                (f"{LOCK}/Rule/DefaultRetention/Years", 0),
                (f"{ITEMS}/ObjectLockEnabled", False),
                (f"{ITEMS}/PublicAccessBlockConfiguration", {"BlockPublicAcls": False}),
                (f"{ITEMS}/AccessControl", "PublicRead"),
                ("Items/DeletionPolicy", "Delete"),
                ("ItemsPolicy/DeletionPolicy", None),
            ),
            # Each of the two ways in is enough.
            [*COPIES, ("Nightly/Type", "AWS::CloudFormation::WaitConditionHandle"), (LOCK, None)],
            [*COPIES, ("Expiries/Type", "AWS::CloudFormation::WaitConditionHandle"), (LOCK, None)],
        ],
        unknown=each(
            (f"{LOCK}", PARAMETER),
            (
                f"{ENCRYPTION}/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/KMSMasterKeyID",
                PARAMETER,
            ),
            ("Items/DeletionPolicy", PARAMETER),
        ),
    ),
    "OPS13": Cases(
        broken=each(
            (f"{EXPIRING}/DestinationConfig", None),
            (f"{EXPIRING}/StartingPosition", "LATEST"),
        ),
        unknown=each(
            (f"{EXPIRING}/DestinationConfig/OnFailure/Destination", PARAMETER),
            (f"{EXPIRING}/DestinationConfig/OnFailure/Destination", "arn:aws:s3:::elsewhere"),
            (f"{EXPIRING}/StartingPosition", PARAMETER),
        ),
    ),
    "AUD34": Cases(
        broken=each(
            (f"{LEAVING}/DestinationArn", f"arn:aws:logs:eu-central-1:{ACCOUNT}:destination:audit"),
            (f"{LEAVING}/FilterPattern", "ERROR"),
        ),
        unknown=each((f"{LEAVING}/FilterPattern", PARAMETER)),
    ),
    "AUD35": Cases(
        broken=each(
            ("Destination", destination(senders("*"))),
            ("Destination", destination(senders({"AWS": "*"}, StringEquals={"aws:SourceVpc": "vpc-1"}))),
            policy({"Statement": [senders({"AWS": ["*"]})]}),
        ),
        unknown=each(policy(PARAMETER)),
    ),
}
