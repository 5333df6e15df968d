"""The table and its key."""

from __future__ import annotations

from tests.rules.handwritten.making import ACCOUNT, REGION, RETAINED, ROOT, TAGS, TRAIL_ARNS, Body, no_tls, through

KEY: Body = {
    "Type": "AWS::KMS::Key",
    **RETAINED,
    "Properties": {
        "EnableKeyRotation": "true",
        "Tags": TAGS,
        "KeyPolicy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": ROOT,
                    "Action": [
                        *("kms:CreateAlias", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*"),
                        *("kms:Revoke*", "kms:Disable*", "kms:Get*", "kms:TagResource", "kms:UntagResource"),
                        *("kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"),
                    ],
                    "Resource": "*",
                },
                through("*", ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]),
                through("*", "kms:CreateGrant", Bool={"kms:grantisforawsresource": [True]}),
                {
                    "Effect": "Allow",
                    "Principal": {"Service": {"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}},
                    "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
                    "Resource": "*",
                    "Condition": {
                        "ArnEquals": {
                            "kms:EncryptionContext:aws:logs:arn": [
                                {"Fn::Sub": f"arn:aws:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{name}"}
                                for name in ("/aws/lambda/audit", "/aws/lambda/audit-errors")
                            ]
                        }
                    },
                },
                {
                    "Effect": "Allow",
                    "Principal": {"Service": ["cloudwatch.amazonaws.com"]},
                    "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                    "Resource": "*",
                    "Condition": {"StringLike": {"AWS:SourceAccount": [{"Ref": "AWS::AccountId"}]}},
                },
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Action": ["kms:GenerateDataKey", "kms:DescribeKey"],
                    "Resource": "*",
                    "Condition": {"ArnLike": {"aws:SourceArn": TRAIL_ARNS}},
                },
            ]
        },
    },
}


TABLE: Body = {
    "Type": "AWS::DynamoDB::Table",
    **RETAINED,
    "Properties": {
        "TableName": "orders",
        "SSESpecification": {"SSEEnabled": "true", "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "Alias"}},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": "true"},
        "DeletionProtectionEnabled": True,
        "StreamSpecification": {
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "ResourcePolicy": {
                "PolicyDocument": {"Statement": no_tls(["dynamodb:DescribeStream", "dynamodb:Get*"], "*")}
            },
        },
        "ContributorInsightsSpecification": {"Enabled": True},
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        "GlobalSecondaryIndexes": [{"IndexName": "by-date"}],
        "KinesisStreamSpecification": {"StreamArn": {"Fn::GetAtt": ["Changes", "Arn"]}},
        "ResourcePolicy": {
            "PolicyDocument": {
                "Statement": no_tls(
                    "dynamodb:*",
                    [
                        {"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"},
                        {"Fn::Join": ["/", [f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table", "orders", "index", "*"]]},
                    ],
                )
            }
        },
        "Tags": TAGS,
    },
}
