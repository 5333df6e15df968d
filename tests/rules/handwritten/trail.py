"""What records who reads it."""

from __future__ import annotations

from tests.rules.handwritten.making import (
    KEY_ARN,
    RETAINED,
    TAGS,
    TRAIL_ARNS,
    Body,
    grants,
    keep_objects,
    locked_bucket,
    no_tls,
)

TRAIL: Body = {
    "Trail": {
        "Type": "AWS::CloudTrail::Trail",
        "Properties": {
            "IsLogging": "true",
            "EnableLogFileValidation": "true",
            "KMSKeyId": KEY_ARN,
            "S3BucketName": {"Ref": "TrailBucket"},
            "EventSelectors": [
                {
                    "IncludeManagementEvents": "true",
                    "DataResources": [
                        {
                            "Type": "AWS::DynamoDB::Table",
                            "Values": [{"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"}],
                        }
                    ],
                }
            ],
            "Tags": TAGS,
        },
    },
    "TrailBucket": locked_bucket(),
    "TrailBucketPolicy": {
        "Type": "AWS::S3::BucketPolicy",
        **RETAINED,
        "Properties": {
            "Bucket": {"Ref": "TrailBucket"},
            **grants(
                no_tls("s3:*", [{"Fn::GetAtt": "TrailBucket.Arn"}, {"Fn::Sub": "${TrailBucket.Arn}/*"}]),
                {
                    "Effect": "Allow",
                    "Principal": {"Service": ["cloudtrail.amazonaws.com"]},
                    "Action": ["s3:GetBucketAcl", "s3:PutObject"],
                    "Resource": [{"Fn::GetAtt": "TrailBucket.Arn"}, {"Fn::Sub": "arn:aws:s3:::${TrailBucket}/*"}],
                    "Condition": {"ArnLike": {"aws:SourceArn": TRAIL_ARNS}},
                },
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:Put*",
                    "Resource": {"Fn::Sub": "${TrailBucket.Arn}/*"},
                    "Condition": {"ArnNotLike": {"aws:SourceArn": TRAIL_ARNS}},
                },
                keep_objects("TrailBucket"),
            ),
        },
    },
}
