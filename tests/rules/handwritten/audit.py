"""What records its changes."""

from __future__ import annotations

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

AUDIT: Body = {
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {"FunctionName": "audit", "Role": {"Fn::GetAtt": ["AuditRole", "Arn"]}, "Tags": TAGS},
    },
    "AuditRole": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
            "Policies": [
                grants(
                    allow("dynamodb:ListStreams", "*"),
                    allow(
                        ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                        {"Fn::GetAtt": "Table.StreamArn"},
                    ),
                    allow(["kms:Decrypt", "kms:GenerateDataKey*"], KEY_ARN),
                    allow(["s3:PutObject", "s3:Abort*"], {"Fn::Sub": "${Bucket.Arn}/*"}),
                    allow("s3:ListBucket", {"Fn::GetAtt": ["Bucket", "Arn"]}),
                )
            ],
            "Tags": TAGS,
        },
    },
    "LogGroup": {
        "Type": "AWS::Logs::LogGroup",
        **RETAINED,
        "Properties": {
            "LogGroupName": "/aws/lambda/audit",
            "KmsKeyId": KEY_ARN,
            "DeletionProtectionEnabled": True,
            "Tags": TAGS,
        },
    },
    "Mapping": {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
            "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
            "StartingPosition": "TRIM_HORIZON",
            "MaximumRetryAttempts": "10",
            "MaximumRecordAgeInSeconds": 3600,
            "BisectBatchOnFunctionError": True,
            "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Bucket", "Arn"]}}},
            "MetricsConfig": {"Metrics": ["EventCount"]},
            "Tags": TAGS,
        },
    },
    # It reads the stream for a search index, and not to record changes.
    "Index": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["IndexRole", "Arn"]}}},
    "IndexRole": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
            "Policies": [
                grants(
                    allow(
                        ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                        {"Fn::GetAtt": "Table.StreamArn"},
                    ),
                    allow("kms:Decrypt", KEY_ARN),
                )
            ],
        },
    },
    "IndexMapping": {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
            "FunctionName": {"Ref": "Index"},
            "StartingPosition": "LATEST",
            "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        },
    },
    "Bucket": locked_bucket(),
    "BucketPolicy": {
        "Type": "AWS::S3::BucketPolicy",
        **RETAINED,
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            **grants(
                no_tls("s3:*", [{"Fn::GetAtt": "Bucket.Arn"}, {"Fn::Sub": "arn:aws:s3:::${Bucket}/*"}]),
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:Put*",
                    "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
                    "Condition": {"StringNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": "AuditRole.Arn"}}},
                },
                keep_objects("Bucket"),
            ),
        },
    },
    "ByItsOwnAlarm": {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Fn::Sub": "${Function.Arn}:live"},
            "Principal": "lambda.alarms.cloudwatch.amazonaws.com",
            "Action": "lambda:InvokeFunction",
            "SourceArn": {"Fn::Sub": "arn:aws:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"},
        },
    },
    "Url": {
        "Type": "AWS::Lambda::Url",
        "Properties": {"AuthType": "AWS_IAM", "TargetFunctionArn": {"Ref": "Function"}},
    },
    "LogPolicy": {
        "Type": "AWS::Logs::ResourcePolicy",
        "Properties": {
            "PolicyName": "orders",
            "PolicyDocument": {
                "Fn::Sub": (
                    '{"Statement": {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},'
                    ' "Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda/audit:*",'
                    ' "Condition": {"StringEquals": {"AWS:SourceAccount": "${AWS::AccountId}"}}}}'
                )
            },
        },
    },
    "ChangesPolicy": {
        "Type": "AWS::Kinesis::ResourcePolicy",
        "Properties": {
            "ResourceArn": {"Fn::GetAtt": "Changes.Arn"},
            "ResourcePolicy": {
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/reader"}},
                    "Action": ["kinesis:DescribeStream", "kinesis:GetRecords"],
                    "Resource": {"Fn::GetAtt": "Changes.Arn"},
                }
            },
        },
    },
    "Changes": {
        "Type": "AWS::Kinesis::Stream",
        "Properties": {"StreamEncryption": {"EncryptionType": "KMS", "KeyId": {"Ref": "Key"}}, "Tags": TAGS},
    },
}
