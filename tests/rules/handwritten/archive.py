"""Where the log of its changes is archived."""

from __future__ import annotations

from tests.rules.handwritten.alarms import alarm
from tests.rules.handwritten.making import (
    KEY_ARN,
    RETAINED,
    TAGS,
    Body,
    allow,
    grants,
    keep_objects,
    locked_bucket,
    no_tls,
    trust,
)

ARCHIVE: Body = {
    "Subscription": {
        "Type": "AWS::Logs::SubscriptionFilter",
        "Properties": {
            "LogGroupName": "/aws/lambda/audit",
            "FilterPattern": " ",
            "DestinationArn": {"Fn::GetAtt": "Delivery.Arn"},
            "RoleArn": {"Fn::GetAtt": "ArchiveRole.Arn"},
        },
    },
    "ArchiveRole": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {
                        **trust("logs.amazonaws.com")["Statement"],
                        "Condition": {"ArnLike": {"aws:sourcearn": {"Fn::Sub": "arn:aws:logs:*:${AWS::AccountId}:*"}}},
                    },
                    {
                        **trust("firehose.amazonaws.com")["Statement"],
                        "Condition": {"StringLike": {"sts:externalid": [{"Ref": "AWS::AccountId"}]}},
                    },
                ]
            },
            "Policies": [
                grants(
                    allow(["firehose:PutRecord*"], {"Fn::GetAtt": "Delivery.Arn"}),
                    allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN),
                    allow("s3:PutObject", {"Fn::Sub": "${Archive.Arn}/*"}),
                    allow("s3:ListBucket", {"Fn::GetAtt": "Archive.Arn"}),
                    allow("logs:Put*", {"Fn::GetAtt": "ErrorLog.Arn"}),
                )
            ],
            "Tags": TAGS,
        },
    },
    "Delivery": {
        "Type": "AWS::KinesisFirehose::DeliveryStream",
        "Properties": {
            "DeliveryStreamEncryptionConfigurationInput": {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": KEY_ARN},
            "S3DestinationConfiguration": {
                "BucketARN": {"Fn::GetAtt": "Archive.Arn"},
                "RoleARN": {"Fn::GetAtt": "ArchiveRole.Arn"},
                "CloudWatchLoggingOptions": {
                    "Enabled": "true",
                    "LogGroupName": {"Ref": "ErrorLog"},
                    "LogStreamName": "delivery",
                },
            },
            "Tags": TAGS,
        },
    },
    "ErrorLog": {
        "Type": "AWS::Logs::LogGroup",
        **RETAINED,
        "Properties": {"LogGroupName": "/aws/lambda/audit-errors", "KmsKeyId": KEY_ARN, "Tags": TAGS},
    },
    "Archive": locked_bucket(),
    "ArchivePolicy": {
        "Type": "AWS::S3::BucketPolicy",
        **RETAINED,
        "Properties": {
            "Bucket": {"Ref": "Archive"},
            **grants(
                no_tls("*", [{"Fn::GetAtt": "Archive.Arn"}, {"Fn::Sub": "${Archive.Arn}/*"}]),
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:Put*",
                    "Resource": {"Fn::Sub": "${Archive.Arn}/*"},
                    "Condition": {"ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": "ArchiveRole.Arn"}}},
                },
                keep_objects("Archive"),
            ),
        },
    },
    "Late": alarm("DeliveryToS3.DataFreshness", "Maximum", "AWS/Firehose", DeliveryStreamName={"Ref": "Delivery"}),
    **{
        name: alarm(metric, namespace="AWS/Logs", LogGroupName="/aws/lambda/audit", DestinationType="Firehose")
        for name, metric in {"Refused": "DeliveryErrors", "SlowedDown": "DeliveryThrottling"}.items()
    },
}
