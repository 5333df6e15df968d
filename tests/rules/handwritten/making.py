"""What the parts of the template share."""

from __future__ import annotations

from typing import Any

ACCOUNT, REGION = "111122223333", "eu-central-1"
Body = dict[str, Any]

TAGS = [
    {"Key": key, "Value": value}
    for key, value in {
        "Owner": "payments@example.com",
        "CostCenter": "CC-1042",
        "Application": "orders",
        "Environment": "prod",
        "DataClassification": "confidential",
    }.items()
]
TAG_MAP = {tag["Key"]: tag["Value"] for tag in TAGS}
RETAINED = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
ROOT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
KEY_ARN = {"Fn::GetAtt": "Key.Arn"}
ALARM_ARNS = {"Fn::Sub": "arn:aws:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"}

TRAIL_ARNS = {"Fn::Sub": "arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/*"}


def trust(*services: str) -> Body:
    return {"Statement": {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}}


def no_tls(action: str | list[str], resource: Any) -> Body:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"BoolIfExists": {"aws:securetransport": False}},
    }


def through(service: str, actions: list[str] | str, **more: Body) -> Body:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": actions,
        "Resource": "*",
        "Condition": {
            "StringLike": {"kms:viaservice": {"Fn::Sub": f"{service}.${{AWS::Region}}.amazonaws.com"}},
            "StringEquals": {"kms:calleraccount": {"Ref": "AWS::AccountId"}},
            **more,
        },
    }


def grants(*statements: Body) -> Body:
    return {"PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}


def allow(actions: str | list[str], *resources: Any, **condition: Any) -> Body:
    statement = {"Effect": "Allow", "Action": actions, "Resource": list(resources)}
    return {**statement, "Condition": condition} if condition else statement


def locked_bucket() -> Body:
    return {
        "Type": "AWS::S3::Bucket",
        **RETAINED,
        "Properties": {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN}}
                ]
            },
            "ObjectLockEnabled": True,
            "ObjectLockConfiguration": {
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 2}},
            },
            "VersioningConfiguration": {"Status": "Enabled"},
            "Tags": TAGS,
        },
    }


def keep_objects(bucket: str) -> Body:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:Replicate*", "s3:DeleteObject", "s3:*LegalHold", "s3:*Retention"],
        "Resource": {"Fn::Sub": f"${{{bucket}.Arn}}/*"},
    }


# What only the deployment knows.
PARAMETER = {"Ref": "Parameter"}
