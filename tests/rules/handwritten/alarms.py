"""What watches it."""

from __future__ import annotations

from typing import Any

from tests.rules.handwritten.making import ALARM_ARNS, TAGS, Body, grants, no_tls


def alarm(metric: str, statistic: str = "Sum", namespace: str = "AWS/DynamoDB", **dimensions: Any) -> Body:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Statistic": statistic,
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": [{"Ref": "Topic"}],
            "Tags": TAGS,
        },
    }


def measured(id: str, metric: str, namespace: str, **dimensions: Any) -> Body:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    what = {"Namespace": namespace, "MetricName": metric, "Dimensions": named}
    return {"Id": id, "ReturnData": False, "MetricStat": {"Metric": what, "Period": 3600, "Stat": "Sum"}}


BACKUP = "AWS/Backup"
LAMBDA = "AWS/Lambda"
# Beside Scan.
ITEM_OPERATIONS = (
    *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem", "BatchWriteItem"),
    *("TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
)
ALARMS: Body = {
    "Throttled": alarm("ThrottledRequests", TableName="orders", Operation="GetItem"),
    "ReadsOfIndex": alarm("ReadThrottleEvents", TableName={"Ref": "Table"}, GlobalSecondaryIndexName="by-date"),
    "WritesOfIndex": alarm("WriteThrottleEvents", TableName={"Ref": "Table"}, GlobalSecondaryIndexName="by-date"),
    "SystemErrors": alarm("SystemErrors", TableName={"Ref": "Table"}, Operation="Scan"),
    **{
        f"SystemErrors{operation}": alarm("SystemErrors", TableName="orders", Operation=operation)
        for operation in ITEM_OPERATIONS
    },
    "UserErrors": alarm("UserErrors"),
    "Errors": alarm("Errors", namespace=LAMBDA, FunctionName={"Ref": "Function"}),
    "Throttles": alarm("Throttles", namespace=LAMBDA, FunctionName="audit"),
    "IteratorAge": alarm("IteratorAge", "Maximum", LAMBDA, FunctionName="audit"),
    **{
        name: alarm(name, namespace=LAMBDA, EventSourceMappingUUID={"Ref": "Mapping"})
        for name in ("OnFailureDestinationDeliveredEventCount", "DroppedEventCount", "FilteredOutEventCount")
    },
    # Lambda counts nothing for a mapping that is disabled.
    "Unread": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Metrics": [
                {
                    "Id": "unread",
                    "Expression": "IF(FILL(writes, 0) > 0 && FILL(polled, 0) == 0, 1, 0)",
                    "ReturnData": True,
                },
                measured("polled", "PolledEventCount", LAMBDA, EventSourceMappingUUID={"Ref": "Mapping"}),
                measured("writes", "ConsumedWriteCapacityUnits", "AWS/DynamoDB", TableName={"Ref": "Table"}),
            ],
            "EvaluationPeriods": 12,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": [{"Ref": "Topic"}],
            "Tags": TAGS,
        },
    },
    **{
        f"Latency{operation}": alarm("SuccessfulRequestLatency", "p99", TableName="orders", Operation=operation)
        for operation in ("GetItem", "PutItem", "Query", "UpdateItem")
    },
    **{
        f"BackupJobs{state}": alarm(f"NumberOfBackupJobs{state}", namespace=BACKUP, BackupVaultName={"Ref": "Vault"})
        for state in ("Aborted", "Expired", "Failed")
    },
    "NoBackup": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Metrics": [
                {
                    "Id": "completed",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": BACKUP,
                            "MetricName": "NumberOfBackupJobsCompleted",
                            "Dimensions": [
                                {"Name": "ResourceType", "Value": "DynamoDB"},
                                {"Name": "BackupVaultName", "Value": "orders"},
                            ],
                        },
                        "Period": 86400,
                        "Stat": "Sum",
                    },
                }
            ],
            "EvaluationPeriods": 7,
            "Threshold": 0,
            "ComparisonOperator": "LessThanOrEqualToThreshold",
            "TreatMissingData": "breaching",
            "AlarmActions": [{"Ref": "Topic"}],
            "Tags": TAGS,
        },
    },
    "Topic": {
        "Type": "AWS::SNS::Topic",
        "Properties": {"KmsMasterKeyId": {"Ref": "Key"}, "Tags": TAGS},
    },
    "TopicPolicy": {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [{"Ref": "Topic"}],
            **grants(
                no_tls(["sns:Publish"], {"Ref": "Topic"}),
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": "SNS:Publish",
                    "Resource": "*",
                    "Condition": {"ArnLike": {"aws:SourceArn": ALARM_ARNS}},
                },
            ),
        },
    },
}
