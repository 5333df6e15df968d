"""The archive of the log of changes."""

from __future__ import annotations

from tests.rules.cases.making import (
    ARCHIVE,
    ARCHIVE_STATEMENTS,
    DELIVERY,
    HANDING_ON_STATEMENTS,
    KEY_STATEMENTS,
    TABLE,
    Cases,
    P,
    alarm,
    keeping,
    key_of,
    merged,
    open_bucket,
    removal,
)
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, trust

RESTRICTED = f"{TABLE}/Tags/4/Value", "restricted"
SUBSCRIPTION = f"Subscription/{P}"
ROLE = f"ArchiveRole/{P}/AssumeRolePolicyDocument"
BY_LOGS, BY_FIREHOSE = f"{ROLE}/Statement/0", f"{ROLE}/Statement/1"
IN_S3 = f"{DELIVERY}/S3DestinationConfiguration"
NO_ARCHIVE = "Subscription/Type", "AWS::CloudFormation::WaitConditionHandle"
ERROR_LOG = f"{IN_S3}/CloudWatchLoggingOptions"
LOG_STREAM = {"Type": "AWS::Logs::LogStream", "Properties": {"LogGroupName": "/aws/lambda/audit"}}
UNPACKED = {"Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord"}, {"Type": "Decompression"}]}
ENCRYPTION = f"{ARCHIVE}/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault"
OF_ACCOUNT = {"Type": "AWS::Logs::AccountPolicy", "Properties": {"PolicyType": "SUBSCRIPTION_FILTER_POLICY"}}
GIVEN = {"SecureTable": {"settings": {"audit.archive": "made, locked for 365 days (default none)"}}}

CASES: dict[str, Cases] = {
    "AUD21": Cases(
        broken=[
            [RESTRICTED, NO_ARCHIVE],
            [RESTRICTED, (f"{SUBSCRIPTION}/FilterPattern", "ERROR")],
            [RESTRICTED, (f"{SUBSCRIPTION}/LogGroupName", {"Ref": "ErrorLog"})],
            [("Table/Metadata", GIVEN), NO_ARCHIVE],
        ],
        unknown=[
            [RESTRICTED, (f"{SUBSCRIPTION}/FilterPattern", PARAMETER)],
            [RESTRICTED, (f"{SUBSCRIPTION}/DestinationArn", PARAMETER)],
            [RESTRICTED, (f"{SUBSCRIPTION}/DestinationArn", f"arn:aws:logs:eu-west-1:{ACCOUNT}:destination:all")],
            [RESTRICTED, ("Subscription/Condition", "Sometimes")],
            [RESTRICTED, NO_ARCHIVE, ("OfAccount", OF_ACCOUNT)],
        ],
    ),
    "AUD22": merged(
        key_of(f"{DELIVERY}/DeliveryStreamEncryptionConfigurationInput/KeyARN"),
        key_of(f"{ENCRYPTION}/KMSMasterKeyID"),
        key_of(f"ErrorLog/{P}/KmsKeyId"),
        Cases(
            broken=[
                (f"{DELIVERY}/DeliveryStreamEncryptionConfigurationInput", None),
                (f"{DELIVERY}/DeliveryStreamEncryptionConfigurationInput/KeyType", "AWS_OWNED_CMK"),
                (f"{ARCHIVE}/BucketEncryption", None),
                (f"{ENCRYPTION}/SSEAlgorithm", "AES256"),
            ],
            unknown=[],
        ),
    ),
    "AUD23": merged(
        open_bucket(ARCHIVE),
        *map(removal, ("Archive", "ArchivePolicy")),
        Cases(broken=[], unknown=[(f"{IN_S3}/BucketARN", PARAMETER), (f"{IN_S3}/BucketARN", "arn:aws:s3:::company")]),
    ),
    "AUD24": Cases(
        broken=[
            (f"{BY_LOGS}/Condition", None),
            (f"{BY_LOGS}/Condition", {"ArnLikeIfExists": {"aws:SourceArn": f"arn:aws:logs:eu-central-1:{ACCOUNT}:*"}}),
            (f"{BY_LOGS}/Condition", {"ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-central-1:*:log-group:*"}}),
            (f"{BY_FIREHOSE}/Condition", None),
            (f"{BY_FIREHOSE}/Condition", {"StringEquals": {"sts:ExternalId": "444455556666"}}),
        ],
        unknown=[
            (f"{BY_FIREHOSE}/Condition", {"StringEquals": {"sts:ExternalId": PARAMETER}}),
            (f"{ARCHIVE_STATEMENTS}/1/Action", "s3:DeleteObject"),
            (f"{ARCHIVE_STATEMENTS}/1/Effect", "Allow"),
            *keeping(f"{ARCHIVE_STATEMENTS}/2"),
            (f"ArchivePolicy/{P}/PolicyDocument", PARAMETER),
        ],
    ),
    "AUD25": Cases(
        broken=[
            (ROLE, trust("logs.amazonaws.com")),
            (ROLE, trust("firehose.amazonaws.com")),
            (f"{HANDING_ON_STATEMENTS}/0/Resource", "*:other"),
            (f"{HANDING_ON_STATEMENTS}/0/Action", "firehose:DescribeDeliveryStream"),
            (f"{KEY_STATEMENTS}/1/Action", "kms:Decrypt"),
            (f"{KEY_STATEMENTS}/2/Action", "kms:ListGrants"),
            (f"{HANDING_ON_STATEMENTS}/2/Action", "s3:GetObject"),
            (
                f"{ARCHIVE_STATEMENTS}/1/Condition/ArnNotEquals",
                {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/other"},
            ),
            (f"{SUBSCRIPTION}/RoleArn", None),
            (f"{IN_S3}/RoleARN", None),
        ],
        unknown=[
            (f"{SUBSCRIPTION}/RoleArn", PARAMETER),
            (f"{IN_S3}/RoleARN", f"arn:aws:iam::{ACCOUNT}:role/delivery"),
            (f"{BY_FIREHOSE}/Condition", {"StringEquals": {"sts:ExternalId": PARAMETER}}),
            (f"{KEY_STATEMENTS}/1/Condition/StringLike", {"kms:ViaService": ["dynamodb.*", "s3.*"]}),
        ],
    ),
    "MON14": merged(
        *map(alarm, ("Late", "Refused", "SlowedDown")),
        Cases(
            broken=[
                (f"Refused/{P}/Dimensions/0/Value", "/aws/lambda/other"),
                (f"{IN_S3}/ProcessingConfiguration", UNPACKED),
                (ERROR_LOG, None),
                (f"{ERROR_LOG}/Enabled", False),
                (f"{ERROR_LOG}/LogGroupName", None),
                (f"{ERROR_LOG}/LogStreamName", None),
                [("OfAnother", LOG_STREAM), (f"{ERROR_LOG}/LogStreamName", {"Ref": "OfAnother"})],
                (f"{HANDING_ON_STATEMENTS}/4/Action", "logs:CreateLogStream"),
                (f"{HANDING_ON_STATEMENTS}/4/Resource", "arn:aws:logs:*:*:log-group:other:*"),
            ],
            unknown=[
                (ERROR_LOG, PARAMETER),
                (f"{ERROR_LOG}/LogGroupName", "/aws/kinesisfirehose/company"),
                (f"{IN_S3}/RoleARN", f"arn:aws:iam::{ACCOUNT}:role/delivery"),
            ],
        ),
    ),
}
