"""What changes of a template are made of, that make rules speak up."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.rules.handwritten.making import ACCOUNT, PARAMETER, TAGS

Change = tuple[str, Any]


class Cases(NamedTuple):
    """Changes that break a rule, and changes after which nobody can tell before the deployment."""

    broken: list[Change | list[Change]]
    unknown: list[Change | list[Change]]


P = "Properties"
KEY, TABLE, VAULT, BUCKET = f"Key/{P}", f"Table/{P}", f"Vault/{P}", f"Bucket/{P}"
KEY_STATEMENTS = f"{KEY}/KeyPolicy/Statement"
TABLE_STATEMENT = f"{TABLE}/ResourcePolicy/PolicyDocument/Statement"
MAPPING, FUNCTION, LOG_GROUP = f"Mapping/{P}", f"Function/{P}", f"LogGroup/{P}"
AUDIT_STATEMENTS = f"AuditRole/{P}/Policies/0/PolicyDocument/Statement"
READER_STATEMENTS = f"ReaderPolicy/{P}/PolicyDocument/Statement"
TOPIC_STATEMENTS = f"TopicPolicy/{P}/PolicyDocument/Statement"
BUCKET_STATEMENTS = f"BucketPolicy/{P}/PolicyDocument/Statement"
TRAIL, TRAIL_BUCKET, DELIVERY, ARCHIVE = (f"{name}/{P}" for name in ("Trail", "TrailBucket", "Delivery", "Archive"))
TRAIL_STATEMENTS = f"TrailBucketPolicy/{P}/PolicyDocument/Statement"
ARCHIVE_STATEMENTS = f"ArchivePolicy/{P}/PolicyDocument/Statement"
HANDING_ON_STATEMENTS = f"ArchiveRole/{P}/Policies/0/PolicyDocument/Statement"
ENDPOINT_STATEMENT = f"Endpoint/{P}/PolicyDocument/Statement"
DEFAULT_ENCRYPTION = f"{BUCKET}/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault"
ELSEWHERE = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1234abcd"
OTHER_TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:company"
OTHER_ACCOUNT = {"AWS": "arn:aws:iam::444455556666:root"}
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
PERMISSION, LOG_POLICY = f"ByItsOwnAlarm/{P}", f"LogPolicy/{P}/PolicyDocument"
CHANGES_STATEMENT = f"ChangesPolicy/{P}/ResourcePolicy/Statement"
OF_SERVICE = {"Effect": "Allow", "Principal": {"Service": "es.amazonaws.com"}, "Action": "logs:PutLogEvents"}
ON_LOG = {**OF_SERVICE, "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda/*:log-stream:*"}
HANDLER = f"{FUNCTION}/Handler", "audit_trail.index.handler"
DIGEST_KEY = (
    "Digest",
    {
        "Type": "AWS::KMS::Key",
        "Properties": {
            "KeyUsage": "GENERATE_VERIFY_MAC",
            "KeySpec": "HMAC_256",
            "KeyPolicy": {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": {"Fn::GetAtt": "AuditRole.Arn"}},
                        "Action": "kms:GenerateMac",
                        "Resource": "*",
                    }
                ]
            },
            "Tags": TAGS,
        },
    },
)


def perhaps(value: Any) -> dict[str, Any]:
    """Return something that only the deployment knows to be there."""
    return {"Fn::If": ["Sometimes", value, {"Ref": "AWS::NoValue"}]}


def variables(**changed: Any) -> Change:
    settings = {
        "KEYS": "digest",
        "HMAC_KEY_ID": {"Ref": "Digest"},
        "LOG_GROUP": {"Ref": "LogGroup"},
        "FAILURE_BUCKET": {"Ref": "Bucket"},
        **changed,
    }
    return f"{FUNCTION}/Environment", {"Variables": {name: value for name, value in settings.items() if value}}


def bound(*changes: tuple[int, dict[str, Any]], function: Any = None) -> list[Change]:
    """Return a function that digests keys, and the denials that bind its role to it, with changes to them."""
    arn = function or {"Fn::GetAtt": "Function.Arn"}
    statements = [
        {
            "Effect": "Deny",
            "Action": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "s3:PutObject"],
            "Resource": "*",
            "Condition": {"Null": {"lambda:SourceFunctionArn": "false"}},
        },
        {
            "Effect": "Deny",
            "Action": ["kms:GenerateMac", "logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject"],
            "Resource": "*",
            "Condition": {"ArnNotLike": {"lambda:SourceFunctionArn": arn}},
        },
    ]
    for position, change in changes:
        statements[position] |= change
    policy = {"Roles": [{"Ref": "AuditRole"}], "PolicyDocument": {"Statement": statements}}
    binding = "Binding", {"Type": "AWS::IAM::ManagedPolicy", "Properties": policy}
    return [HANDLER, DIGEST_KEY, variables(), binding]


def removal(name: str) -> Cases:
    """Return how a resource ceases to be retained."""
    attributes = ("DeletionPolicy", "UpdateReplacePolicy")
    return Cases(
        broken=[(f"{name}/{attribute}", value) for attribute in attributes for value in ("Delete", "Snapshot", None)],
        unknown=[(f"{name}/{attribute}", PARAMETER) for attribute in attributes],
    )


def alarm(name: str) -> Cases:
    """Return how an alarm ceases to ring."""
    return Cases(
        broken=[
            (name, {"Type": "AWS::CloudFormation::WaitConditionHandle"}),
            (f"{name}/{P}/MetricName", "ConsumedReadCapacityUnits"),
            (f"{name}/{P}/Namespace", "AWS/EC2"),
            (f"{name}/{P}/Statistic", "Minimum"),
            (f"{name}/{P}/ComparisonOperator", "LessThanThreshold"),
            (f"{name}/{P}/Threshold", 10**9),
            (f"{name}/{P}/Threshold", None),
            (f"{name}/{P}/TreatMissingData", "breaching"),
            (f"{name}/{P}/TreatMissingData", "ignore"),
            (f"{name}/{P}/EvaluationPeriods", 100),
            (f"{name}/{P}/EvaluationPeriods", None),
            (f"{name}/{P}/Period", None),
            (f"{name}/{P}/DatapointsToAlarm", 2),
        ],
        unknown=[(f"{name}/{P}/Threshold", PARAMETER), (f"{name}/Condition", "Sometimes")],
    )


def merged(*cases: Cases) -> Cases:
    return Cases(
        broken=[change for each in cases for change in each.broken],
        unknown=[change for each in cases for change in each.unknown],
    )


def open_bucket(path: str) -> Cases:
    """Return how a bucket ceases to be locked and closed."""
    lock = f"{path}/ObjectLockConfiguration"
    return Cases(
        broken=[
            (f"{path}/ObjectLockEnabled", None),
            (lock, None),
            (f"{lock}/ObjectLockEnabled", None),
            (f"{lock}/Rule/DefaultRetention/Mode", "NONE"),
            (f"{lock}/Rule/DefaultRetention", {"Mode": "GOVERNANCE", "Days": 364}),
            (f"{path}/VersioningConfiguration/Status", "Suspended"),
            (f"{path}/PublicAccessBlockConfiguration", {"BlockPublicAcls": True}),
            (f"{path}/OwnershipControls", {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}),
            (f"{path}/AccessControl", "PublicRead"),
            (f"{path}/LifecycleConfiguration", {"Rules": [{"Status": "Enabled", "ExpirationInDays": 364}]}),
        ],
        unknown=[
            *(
                (f"{path}/{name}", PARAMETER)
                for name in ("VersioningConfiguration", "ObjectLockConfiguration", "PublicAccessBlockConfiguration")
            ),
            (f"{path}/LifecycleConfiguration", {"Rules": [{"Status": "Enabled", "ExpirationInDays": PARAMETER}]}),
        ],
    )


def keeping(statement: str) -> list[Change | list[Change]]:
    """Return how the policy of a bucket ceases to refuse replicas, delete markers and leave to bypass the lock."""
    actions = [f"s3:{name}" for name in ("Replicate*", "DeleteObject", "PutObject*", "BypassGovernanceRetention")]
    return [
        *((f"{statement}/Action", [*actions[:place], *actions[place + 1 :]]) for place in (0, 1, 3)),
        *((f"{statement}/Action", [*actions[1:], f"s3:Replicate{some}"]) for some in ("Object", "Delete", "Tags")),
        (f"{statement}/Condition", {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/other"}}),
    ]


def key_of(path: str, *, as_table: bool = False) -> Cases:
    """Return how a resource ceases to have a key of the company's own."""
    of_aws = "alias/aws/dynamodb" if as_table else "alias/aws/s3"
    return Cases(broken=[(path, None), (path, of_aws)], unknown=[(path, PARAMETER), (path, ELSEWHERE)])
