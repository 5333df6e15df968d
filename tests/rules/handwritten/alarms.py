"""What watches it."""

from __future__ import annotations

import json
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


def capacity_use(**dimensions: Any) -> Body:
    """Return an alarm on the larger part of reads and writes that is used, in percent."""
    metrics = []
    for kind in ("Read", "Write"):
        named = {f"{kind.lower()}s": f"Consumed{kind}CapacityUnits", f"most{kind}s": f"Provisioned{kind}CapacityUnits"}
        metrics += [measured(name, metric, "AWS/DynamoDB", **dimensions) for name, metric in named.items()]
    for each in metrics:
        each["MetricStat"]["Period"] = 300
    expression = "MAX([FILL(reads/mostReads, 0), FILL(writes/mostWrites, 0)]) * 100 / 300"
    return computed({"Id": "use", "Expression": expression}, *metrics, EvaluationPeriods=2, Threshold=80)


def computed(*queries: Body, **properties: Any) -> Body:
    """Return an alarm on what is computed."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Metrics": list(queries),
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": [{"Ref": "Topic"}],
            "Tags": TAGS,
            **properties,
        },
    }


BACKUP = "AWS/Backup"
LAMBDA = "AWS/Lambda"
# Beside Scan.
ITEM_OPERATIONS = (
    *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem", "BatchWriteItem"),
    *("TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
)


def graph(*lines: Any) -> Body:
    return {"type": "metric", "properties": {"metrics": list(lines)}}


# Some lines as CloudWatch's console abbreviates them.
GRAPHS = [
    {"type": "text", "properties": {"markdown": "Orders"}},
    graph(["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", "orders"], [".", "ReadThrottleEvents", ".", "."]),
    graph(
        ["AWS/Lambda", "Errors"],
        ["AWS/DynamoDB", "SuccessfulRequestLatency", "TableName", "others", "Operation", "Scan"],
        ["...", "orders", ".", "Query", {"stat": "p99"}],
    ),
    graph(
        [{"expression": "SEARCH('{AWS/DynamoDB,Operation,TableName} MetricName=\"SystemErrors\" \"orders\"', 'Sum')"}]
    ),
]


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
    "CapacityUse": capacity_use(TableName={"Ref": "Table"}),
    "CapacityUseOfIndex": capacity_use(TableName="orders", GlobalSecondaryIndexName="by-date"),
    "Unused": computed(
        {"Id": "units", "Expression": "FILL(reads, 0) + FILL(writes, 0)"},
        measured("reads", "ConsumedReadCapacityUnits", "AWS/DynamoDB", TableName={"Ref": "Table"}),
        measured("writes", "ConsumedWriteCapacityUnits", "AWS/DynamoDB", TableName="orders"),
        EvaluationPeriods=72,
        Threshold=0,
        ComparisonOperator="LessThanOrEqualToThreshold",
    ),
    "Dashboard": {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardBody": json.dumps({"widgets": GRAPHS}), "Tags": TAGS},
    },
    **{
        f"Latency{operation}": alarm("SuccessfulRequestLatency", "p99", TableName="orders", Operation=operation)
        for operation in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
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
