"""Other ways to write what is demanded, which no rule may take for a fault."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import (
    AUDIT_STATEMENTS,
    BUCKET,
    DELIVERY,
    ENDPOINT_STATEMENT,
    KEY_STATEMENTS,
    MAPPING,
    READER_STATEMENTS,
    TABLE,
    TABLE_STATEMENT,
    TOPIC_STATEMENTS,
    TRAIL,
    VAULT,
    P,
)
from tests.rules.handwritten import RESOURCES, changed, template
from tests.rules.handwritten.making import ACCOUNT, REGION, RETAINED, TAGS, allow

TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
ROLES = {"AWS": [{"Fn::GetAtt": f"{role}.Arn"} for role in ("AuditRole", "ArchiveRole", "IndexRole", "BackupRole")]}
READER_TRUST = f"Reader/{P}/AssumeRolePolicyDocument/Statement/0"
SELECTION = f"Selection/{P}/BackupSelection"
QUEUE = {
    "Type": "AWS::SQS::Queue",
    "Properties": {"KmsMasterKeyId": {"Ref": "Alias"}, "Tags": TAGS},
}
EVENT_DATA_STORE = {
    "Type": "AWS::CloudTrail::EventDataStore",
    "Properties": {
        "KmsKeyId": {"Fn::GetAtt": "Key.Arn"},
        "AdvancedEventSelectors": [
            {
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Data"]},
                    {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]},
                ]
            }
        ],
        "Tags": TAGS,
    },
}


def selector(**fields: list[Any]) -> dict[str, Any]:
    selected = {"eventCategory": ["Data"], "resources.type": ["AWS::DynamoDB::Table"], **fields}
    return {"FieldSelectors": [{"Field": name, "Equals": values} for name, values in selected.items()]}


def and_with(**field: Any) -> list[tuple[str, Any]]:
    """Return a trail whose event selector has one more field."""
    fields = [*selector()["FieldSelectors"], field]
    return [(f"{TRAIL}/EventSelectors", None), (f"{TRAIL}/AdvancedEventSelectors", [{"FieldSelectors": fields}])]


SPELLINGS: dict[str, list[tuple[str, Any]]] = {
    "principal as a dictionary": [(f"{TABLE_STATEMENT}/Principal", {"AWS": ["*"]})],
    "condition without IfExists": [(f"{TABLE_STATEMENT}/Condition", {"Bool": {"aws:SecureTransport": "false"}})],
    "condition as text": [(f"{TABLE_STATEMENT}/Condition", {"StringEquals": {"AWS:SECURETRANSPORT": ["false"]}})],
    "all resources": [(f"{TABLE_STATEMENT}/Resource", "*")],
    "no action left out": [(f"{TABLE_STATEMENT}/Action", None), (f"{TABLE_STATEMENT}/NotAction", [])],
    "retained except on create": [("Table/DeletionPolicy", "RetainExceptOnCreate")],
    "key by its id": [(f"{TABLE}/SSESpecification/KMSMasterKeyId", {"Ref": "Key"})],
    "key by its alias's name": [(f"{TABLE}/SSESpecification/KMSMasterKeyId", "alias/orders")],
    "selected by ARN": [(SELECTION, {"Resources": [TABLE_ARN], "IamRoleArn": {"Fn::GetAtt": "BackupRole.Arn"}})],
    "selected by wildcard": [
        (SELECTION, {"Resources": ["arn:aws:dynamodb:*:*:table/*"], "IamRoleArn": {"Fn::GetAtt": "BackupRole.Arn"}})
    ],
    "selected by condition": [
        (f"{SELECTION}/ListOfTags", None),
        (
            f"{SELECTION}/Conditions",
            {"StringLike": [{"ConditionKey": "aws:ResourceTag/Application", "ConditionValue": "ord*"}]},
        ),
    ],
    "three rules": [
        (
            f"Plan/{P}/BackupPlan/BackupPlanRule",
            [
                {
                    "TargetBackupVault": {"Ref": "Vault"},
                    "ScheduleExpression": schedule,
                    "Lifecycle": {"DeleteAfterDays": days},
                }
                for schedule, days in (("rate(12 hours)", 35), ("cron(0 5 ? * 1 *)", 90), ("cron(0 5 ? * 2#1 *)", 365))
            ],
        )
    ],
    **{
        f"vault that exempts {value}": [(f"{VAULT}/AccessPolicy/Statement/Condition", {"StringNotLike": {key: value}})]
        for key, value in (
            ("aws:userid", "AROAEXAMPLE:*"),
            ("aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/break/glass-*"),
            ("aws:PrincipalArn", f"arn:aws:sts::{ACCOUNT}:assumed-role/glass/*"),
            ("aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:root"),
        )
    },
    **{
        f"role for {claim} of {provider}": [
            (f"{READER_TRUST}/Principal", {"Federated": f"arn:aws:iam::{ACCOUNT}:{provider}"}),
            (f"{READER_TRUST}/Condition", {"StringLike": {claim: value}}),
        ]
        for provider, claim, value in (
            (
                "oidc-provider/token.actions.githubusercontent.com",
                "token.actions.githubusercontent.com:sub",
                "repo:a/*",
            ),
            ("oidc-provider/id.example.com", "id.example.com:aud", "orders"),
            ("saml-provider/company", "SAML:aud", "https://signin.aws.amazon.com/saml"),
        )
    },
    "vault without exemption": [(f"{VAULT}/AccessPolicy/Statement/Condition", None)],
    "partial batches": [
        (f"{MAPPING}/BisectBatchOnFunctionError", None),
        (f"{MAPPING}/FunctionResponseTypes", ["ReportBatchItemFailures"]),
    ],
    "alias of the function": [
        ("Live", {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Function"}}}),
        (f"{MAPPING}/FunctionName", {"Ref": "Live"}),
    ],
    "a queue for what failed": [
        ("Bucket", {**QUEUE, **RETAINED}),
        (f"{MAPPING}/DestinationConfig/OnFailure/Destination", {"Fn::GetAtt": "Bucket.Arn"}),
        ("BucketPolicy/Type", "AWS::SQS::QueuePolicy"),
        (
            f"BucketPolicy/{P}",
            {
                "Queues": [{"Ref": "Bucket"}],
                "PolicyDocument": {
                    "Statement": {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sqs:*",
                        "Resource": {"Fn::GetAtt": "Bucket.Arn"},
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                },
            },
        ),
        (f"{AUDIT_STATEMENTS}/3", allow("sqs:SendMessage", {"Fn::GetAtt": "Bucket.Arn"})),
    ],
    "versions with days": [
        (f"{BUCKET}/ObjectLockConfiguration/Rule/DefaultRetention", {"Mode": "GOVERNANCE", "Days": "365"})
    ],
    "key policy that names the roles": [
        (f"{KEY_STATEMENTS}/1/Principal", ROLES),
        (f"{AUDIT_STATEMENTS}/2", allow("logs:PutLogEvents", {"Fn::GetAtt": "LogGroup.Arn"})),
    ],
    "trail of all tables": [(f"{TRAIL}/EventSelectors/0/DataResources/0/Values", ["arn:aws:dynamodb"])],
    "trail for reads and writes": [(f"{TRAIL}/EventSelectors/0/ReadWriteType", "All")],
    "trail with a selector for each": [
        (f"{TRAIL}/EventSelectors", None),
        (f"{TRAIL}/AdvancedEventSelectors", [selector(readOnly=["true"]), selector(readOnly=["false"])]),
    ],
    "trail that names no table": and_with(Field="eventType", Equals=["AwsApiCall"]),
    "trail by the beginning of names": and_with(Field="resources.ARN", StartsWith=[TABLE_ARN[:-2]]),
    "trail without another table": and_with(Field="resources.ARN", NotEquals=[f"{TABLE_ARN}-archive"]),
    "trail without the audit function": and_with(
        Field="userIdentity.arn",
        NotStartsWith=[{"Fn::Sub": "arn:aws:sts::${AWS::AccountId}:assumed-role/${AuditRole}/"}],
    ),
    "event data store": [("Trail", EVENT_DATA_STORE)],
    "roles that are assumed for one account": [
        (
            f"ArchiveRole/{P}/AssumeRolePolicyDocument/Statement/{position}/Condition",
            {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        )
        for position in (0, 1)
    ],
    "delivery stream of several formats": [
        (
            f"{DELIVERY}/ExtendedS3DestinationConfiguration",
            RESOURCES["Delivery"]["Properties"]["S3DestinationConfiguration"],
        ),
        (f"{DELIVERY}/S3DestinationConfiguration", None),
    ],
    "log of changes that is not archived": [("Subscription/Type", "AWS::CloudFormation::WaitConditionHandle")],
    "log of changes that somebody else reads as well": [
        (
            "Other",
            {
                **RESOURCES["Subscription"],
                "Properties": {
                    "LogGroupName": "/aws/lambda/audit",
                    "FilterPattern": "ERROR",
                    "DestinationArn": {"Fn::GetAtt": "Errors.Arn"},
                },
            },
        )
    ],
    "endpoint for the account": [
        (f"{ENDPOINT_STATEMENT}/Condition", {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}})
    ],
    "endpoint for indexes": [(f"{ENDPOINT_STATEMENT}/Resource", [f"{TABLE_ARN}/index/*", TABLE_ARN])],
    "MFA for the role": [
        (f"{READER_STATEMENTS}/1/Condition", None),
        (
            f"Reader/{P}/AssumeRolePolicyDocument/Statement/0/Condition",
            {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        ),
    ],
    "item-level without Scan": [(f"{READER_STATEMENTS}/0/Condition/Null", None)],
    "item-level for any of the keys": [
        (f"{READER_STATEMENTS}/0/Action", ["dynamodb:Scan"]),
        (f"{READER_STATEMENTS}/0/Condition/Null", None),
        (f"{READER_STATEMENTS}/0/Condition/ForAnyValue:StringEquals", {"dynamodb:LeadingKeys": "tenant"}),
    ],
    "topic for the account": [
        (f"{TOPIC_STATEMENTS}/1/Condition", {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}})
    ],
    "alarm on a sum of metrics": [
        (f"SystemErrors/{P}/MetricName", None),
        (f"SystemErrors/{P}/Namespace", None),
        (
            f"SystemErrors/{P}/Metrics",
            [
                {"Id": "sum", "Expression": "SUM(METRICS())"},
                *(
                    {
                        "Id": operation.lower(),
                        "ReturnData": False,
                        "MetricStat": {
                            "Stat": "Sum",
                            "Period": 60,
                            "Metric": {
                                "Namespace": "AWS/DynamoDB",
                                "MetricName": "SystemErrors",
                                "Dimensions": [
                                    {"Name": "TableName", "Value": {"Ref": "Table"}},
                                    {"Name": "Operation", "Value": operation},
                                ],
                            },
                        },
                    }
                    for operation in ("Scan", "GetItem")
                ),
            ],
        ),
    ],
    "alarm on a query": [
        (f"SystemErrors/{P}/MetricName", None),
        (
            f"SystemErrors/{P}/Metrics",
            [
                {
                    "Id": "q",
                    "Expression": 'SELECT SUM(SystemErrors) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) '
                    "WHERE TableName = 'orders'",
                }
            ],
        ),
    ],
    "alarm on an anomaly": [
        (f"LatencyQuery/{P}/Threshold", None),
        (f"LatencyQuery/{P}/ThresholdMetricId", "band"),
        (f"LatencyQuery/{P}/ComparisonOperator", "GreaterThanUpperThreshold"),
    ],
}


# Whose key material it is, a person has to show in any spelling.
GOOD = (Verdict.MET, Verdict.MANUAL)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spelling_is_no_fault(spelling: str) -> None:
    found = judge(Assembly([template(changed(*SPELLINGS[spelling]))]))
    # What is reported of calls depends on a trail of management events, which these trails of data events are not.
    about = [each for rule, each in found if not rule.id.startswith(("SecureDdb-DET", "SecureDdb-MON19"))]
    wrong = [(each.resource, each.path, each.detail) for each in about if each.verdict not in GOOD]
    assert wrong == []
