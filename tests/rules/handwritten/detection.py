"""What tells people of what happens."""

from __future__ import annotations

import json
from typing import Any

from tests.rules.handwritten.alarms import alarm
from tests.rules.handwritten.making import TAGS, Body


def event_rule(pattern: Any, **more: Any) -> Body:
    targets = [{"Id": "people", "Arn": {"Ref": "People"}}]
    properties = {"EventPattern": pattern, "Targets": targets, "Tags": TAGS, **more}
    return {"Type": "AWS::Events::Rule", "Properties": properties}


FAILURES = ("Disabled", "KMS", "Limit", "Throttling")


def config_rule(identifier: str, **more: Any) -> Body:
    source = {"Owner": "AWS", "SourceIdentifier": identifier}
    return {"Type": "AWS::Config::ConfigRule", "Properties": {"Source": source, **more}}


DETECTION: Body = {
    "ConfigEncryption": config_rule("DYNAMODB_TABLE_ENCRYPTED_KMS"),
    "ConfigRecovery": config_rule(
        "DYNAMODB_PITR_ENABLED", Scope={"ComplianceResourceTypes": ["AWS::DynamoDB::Table", "AWS::S3::Bucket"]}
    ),
    "ConfigProtection": config_rule(
        "DYNAMODB_TABLE_DELETION_PROTECTION_ENABLED",
        Scope={"ComplianceResourceTypes": ["AWS::DynamoDB::Table"], "ComplianceResourceId": {"Ref": "Table"}},
    ),
    "ConfigBackup": config_rule(
        "DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN", InputParameters={"resourceId": {"Ref": "Table"}}
    ),
    "People": {
        "Type": "AWS::SNS::Topic",
        "Properties": {
            "KmsMasterKeyId": {"Ref": "Key"},
            "Subscription": [{"Protocol": "email", "Endpoint": "people@example.com"}],
            "Tags": TAGS,
        },
    },
    "DeniedRule": event_rule(
        {"detail-type": ["AWS API Call via CloudTrail"], "detail": {"errorCode": [{"prefix": "Access"}]}},
        State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    ),
    "FailedKeyRule": event_rule(
        {
            "source": ["aws.kms"],
            "detail": {"errorCode": [{"prefix": error} for error in FAILURES]},
        },
        State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    ),
    "CallRule": event_rule(
        {"source": [f"aws.{service}" for service in ("cloudtrail", "dynamodb", "kms", "lambda", "logs")]},
    ),
    "ThreatRule": event_rule(
        json.dumps({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}})
    ),
    "HealthRule": event_rule({"source": [{"prefix": "aws.health"}]}, EventBusName="default"),
    "Undelivered": alarm(
        "NumberOfNotificationsFailed", namespace="AWS/SNS", TopicName={"Fn::GetAtt": "People.TopicName"}
    ),
    "Unsent": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Metrics": [
                {
                    "Id": "failed",
                    "Expression": 'SELECT SUM(FailedInvocations) FROM SCHEMA("AWS/Events", RuleName) GROUP BY RuleName',
                    "Period": 60,
                }
            ],
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": [{"Ref": "Topic"}],
            "Tags": TAGS,
        },
    },
    "OnCall": {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "on-call@example.com"},
    },
}
