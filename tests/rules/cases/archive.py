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
    key_of,
    merged,
    open_bucket,
    removal,
)
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, trust

RESTRICTED = f"{TABLE}/Tags/4/Value", "restricted"
SUBSCRIPTION = f"Subscription/{P}"
ROLE = f"ArchiveRole/{P}/AssumeRolePolicyDocument"
IN_S3 = f"{DELIVERY}/S3DestinationConfiguration"
NO_ARCHIVE = "Subscription/Type", "AWS::CloudFormation::WaitConditionHandle"
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
        removal("Archive"),
        Cases(broken=[], unknown=[(f"{IN_S3}/BucketARN", PARAMETER), (f"{IN_S3}/BucketARN", "arn:aws:s3:::company")]),
    ),
    "AUD24": Cases(
        broken=[],
        unknown=[
            (f"{ARCHIVE_STATEMENTS}/1/Action", "s3:DeleteObject"),
            (f"{ARCHIVE_STATEMENTS}/1/Effect", "Allow"),
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
            (f"{HANDING_ON_STATEMENTS}/2/Action", "s3:GetObject"),
            (f"{ARCHIVE_STATEMENTS}/1/NotPrincipal", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}),
            (f"{SUBSCRIPTION}/RoleArn", None),
            (f"{IN_S3}/RoleARN", None),
        ],
        unknown=[
            (f"{SUBSCRIPTION}/RoleArn", PARAMETER),
            (f"{IN_S3}/RoleARN", f"arn:aws:iam::{ACCOUNT}:role/delivery"),
            (f"{ROLE}/Statement/Condition", {"StringEquals": {"sts:ExternalId": PARAMETER}}),
        ],
    ),
    "MON14": merged(
        *map(alarm, ("Late", "Refused")),
        Cases(broken=[(f"Refused/{P}/Dimensions/0/Value", "/aws/lambda/other")], unknown=[]),
    ),
}
