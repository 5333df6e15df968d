"""Alarms, topics and tags."""

from __future__ import annotations

import json

from tests.rules.cases.detection import logged, reported_by
from tests.rules.cases.making import (
    KEY,
    KEY_STATEMENTS,
    MAPPING,
    OTHER_TOPIC,
    TABLE,
    TOPIC_STATEMENTS,
    VAULT,
    Cases,
    Change,
    P,
    alarm,
    key_of,
    merged,
    perhaps,
)
from tests.rules.handwritten.alarms import GRAPHS
from tests.rules.handwritten.making import PARAMETER, TAGS

INDEX_INSIGHTS = f"{TABLE}/GlobalSecondaryIndexes/0/ContributorInsightsSpecification"
RESTRICTED = ((f"{TABLE}/Tags/4/Value", "restricted"), (f"{TABLE}/ContributorInsightsSpecification/Enabled", False))
# One of each type that takes them.
TAGGED = (
    *("Archive", "ArchiveRole", "AuditRole", "BackupRole", "Bucket", "Changes", "Delivery", "ErrorLog", "Function"),
    *("Late", "LogGroup", "Mapping", "Refused", "Topic", "Trail", "TrailBucket"),
)


def computed(expression: str) -> list[Change]:
    """Return an alarm on what is computed from the metric."""
    path = f"SystemErrors/{P}"
    metric = {"Namespace": "AWS/DynamoDB", "MetricName": "SystemErrors", "Dimensions": ERRORS_OF_TABLE}
    measured = {"Id": "errors", "ReturnData": False, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    queries = [measured, {"Id": "said", "Expression": expression}]
    return [*((f"{path}/{name}", None) for name in ("Namespace", "MetricName")), (f"{path}/Metrics", queries)]


def measured_only() -> list[Change]:
    """Return an alarm on a metric that is not returned."""
    *before, (path, queries) = computed("errors")
    return [*before, (path, queries[:1])]


UNREAD = f"Unread/{P}"
USE, UNUSED = f"CapacityUse/{P}", f"Unused/{P}"
ERRORS_OF_TABLE = [{"Name": "TableName", "Value": {"Ref": "Table"}}, {"Name": "Operation", "Value": "Scan"}]
CASES: dict[str, Cases] = {
    "MON1": merged(
        *map(alarm, ("Throttled", "ReadsOfIndex", "WritesOfIndex")),
        Cases(broken=[(f"ReadsOfIndex/{P}/Dimensions/1/Value", "other")], unknown=[]),
    ),
    "MON2": merged(
        alarm("SystemErrors"),
        Cases(
            broken=[
                (f"SystemErrorsPutItem/{P}/Dimensions/1/Value", "Scan"),
                # DynamoDB publishes nothing for a table as a whole.
                (f"SystemErrors/{P}/Dimensions", ERRORS_OF_TABLE[:1]),
                measured_only(),
            ],
            unknown=[
                *(computed(each) for each in ("errors*0", "ANOMALY_DETECTION_BAND(errors, 1000)")),
                (f"SystemErrors/{P}/Dimensions/1/Value", PARAMETER),
            ],
        ),
    ),
    "MON3": alarm("UserErrors"),
    "MON4": merged(
        *(alarm(f"Latency{operation}") for operation in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"))
    ),
    "MON5": merged(*map(alarm, ("Errors", "Throttles", "IteratorAge"))),
    "MON6": merged(
        *map(alarm, ("OnFailureDestinationDeliveredEventCount", "DroppedEventCount", "FilteredOutEventCount")),
        Cases(
            broken=[(f"{MAPPING}/MetricsConfig", None), (f"DroppedEventCount/{P}/Threshold", 1)],
            unknown=[(f"{MAPPING}/MetricsConfig", PARAMETER)],
        ),
    ),
    "MON7": Cases(
        broken=[
            *((f"{name}/{P}/AlarmActions", None) for name in ("Errors", "BackupJobsFailed", "NoBackup")),
            (f"Errors/{P}/AlarmActions", ["arn:aws:automate:eu-central-1:ec2:stop"]),
            (f"UserErrors/{P}/ActionsEnabled", False),
        ],
        unknown=[
            (f"Errors/{P}/AlarmActions", [PARAMETER]),
            (f"Errors/{P}/AlarmActions", [OTHER_TOPIC]),
            (f"Errors/{P}/ActionsEnabled", PARAMETER),
        ],
    ),
    "MON8": Cases(
        broken=[
            (f"{TOPIC_STATEMENTS}/1/Effect", "Deny"),
            (f"{TOPIC_STATEMENTS}/1/Principal", {"Service": "events.amazonaws.com"}),
            (f"{TOPIC_STATEMENTS}/1/Condition/ArnLike", {"aws:SourceArn": "arn:aws:cloudwatch:*:*:alarm:other"}),
            (f"{TOPIC_STATEMENTS}/1/Condition/StringEquals", {"aws:SourceAccount": "444455556666"}),
            (f"{TOPIC_STATEMENTS}/0/Condition", None),
            (
                "Rule",
                {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Id": "topic", "Arn": {"Ref": "Topic"}}]}},
            ),
        ],
        unknown=[
            (f"TopicPolicy/{P}/PolicyDocument", PARAMETER),
            (f"{TOPIC_STATEMENTS}/1/Condition/ArnLike", {"aws:SourceArn": PARAMETER}),
        ],
    ),
    "MON9": key_of(f"Topic/{P}/KmsMasterKeyId"),
    "MON10": Cases(
        broken=[
            (f"{KEY_STATEMENTS}/4/Effect", "Deny"),
            (f"{KEY_STATEMENTS}/4/Action", "kms:Decrypt"),
            (f"{KEY_STATEMENTS}/4/Condition/StringLike", {"aws:SourceAccount": "444455556666"}),
        ],
        unknown=[(f"{KEY_STATEMENTS}/4/Condition/StringLike", {"aws:SourceAccount": PARAMETER})],
    ),
    "MON11": Cases(
        broken=[
            (f"{TABLE}/ContributorInsightsSpecification", None),
            (f"{TABLE}/ContributorInsightsSpecification/Enabled", False),
            (f"{TABLE}/Tags/4/Value", "restricted"),
            [*RESTRICTED, (INDEX_INSIGHTS, {"Enabled": True})],
        ],
        unknown=[
            (f"{TABLE}/ContributorInsightsSpecification/Enabled", PARAMETER),
            [*RESTRICTED, (INDEX_INSIGHTS, {"Enabled": PARAMETER})],
        ],
    ),
    "MON12": Cases(
        broken=[
            (f"{TOPIC_STATEMENTS}/1/Condition", None),
            (f"{TOPIC_STATEMENTS}/1/Action", ["sns:Publish", "sns:Subscribe"]),
        ],
        unknown=[(f"{TOPIC_STATEMENTS}/1/Condition/ArnLike", {"aws:SourceArn": PARAMETER})],
    ),
    "MON15": Cases(
        broken=[
            ("Unread", {"Type": "AWS::CloudFormation::WaitConditionHandle"}),
            (f"{UNREAD}/Metrics/1/MetricStat/Metric/MetricName", "InvokedEventCount"),
            (f"{UNREAD}/ComparisonOperator", "LessThanThreshold"),
            (f"{UNREAD}/ComparisonOperator", "GreaterThanUpperThreshold"),
            (f"{UNREAD}/Threshold", 1),
            (f"{UNREAD}/Threshold", None),
            (f"{UNREAD}/TreatMissingData", "ignore"),
            (f"{UNREAD}/EvaluationPeriods", 13),
            (f"{UNREAD}/EvaluationPeriods", None),
            (f"{UNREAD}/DatapointsToAlarm", 13),
        ],
        unknown=[
            (f"{UNREAD}/Threshold", PARAMETER),
            ("Unread/Condition", "Sometimes"),
            # Only one expression is read.
            (f"{UNREAD}/Metrics/0/Expression", "IF(RATE(polled) == 0, 1, 0)"),
            (f"{UNREAD}/Metrics/0/Expression", "IF(polled == 0 AND writes > 0, 1, 0)"),
            (f"{UNREAD}/Metrics/0/Expression", "IF(FILL(polled, 0) > 0 AND FILL(writes, 0) == 0, 1, 0)"),
            (f"{UNREAD}/Metrics/2/MetricStat/Metric/Dimensions/0/Value", "other"),
        ],
    ),
    "MON16": Cases(
        broken=[
            ("CapacityUse", {"Type": "AWS::CloudFormation::WaitConditionHandle"}),
            ("CapacityUseOfIndex", {"Type": "AWS::CloudFormation::WaitConditionHandle"}),
            (f"{USE}/Threshold", 100),
            (f"{USE}/EvaluationPeriods", 13),
            (f"{USE}/ComparisonOperator", "LessThanThreshold"),
            (f"{USE}/TreatMissingData", "ignore"),
            (f"{USE}/Metrics/2/MetricStat/Metric/MetricName", "ConsumedReadCapacityUnits"),
        ],
        unknown=[
            (f"{USE}/Threshold", PARAMETER),
            (f"{USE}/Metrics/0/Expression", "MAX([FILL(reads/mostReads, 0), FILL(writes/mostWrites, 0)]) * 100 / 60"),
            (f"{USE}/Metrics/0/Expression", "MAX([FILL(reads/mostWrites, 0), FILL(writes/mostReads, 0)]) * 100 / 300"),
            (f"{USE}/Metrics/0/Expression", "reads + writes + mostReads + mostWrites"),
            (f"{USE}/Metrics/1/MetricStat/Stat", "Average"),
        ],
    ),
    "MON17": Cases(
        broken=[
            (f"Dashboard/{P}/DashboardBody", json.dumps({"widgets": GRAPHS[:position] + GRAPHS[position + 1 :]}))
            for position in (1, 2, 3)
        ],
        unknown=[],
    ),
    "MON18": Cases(
        broken=[
            (f"{UNUSED}/EvaluationPeriods", 23),
            (f"{UNUSED}/Metrics/1/MetricStat/Metric/Dimensions/0/Value", "other"),
            (f"{UNUSED}/Metrics/2/MetricStat/Metric/MetricName", "ConsumedReadCapacityUnits"),
        ],
        unknown=[],
    ),
    "MON19": merged(
        reported_by("FailedKeyRule"),
        logged(),
        Cases([], [(f"FailedKeyRule/{P}/State", None)]),
    ),
    "OPS1": Cases(
        broken=[
            (f"{TABLE}/Tags", None),
            (f"{TABLE}/Tags/4/Value", "secret"),
            (f"{TABLE}/Tags", [*TAGS, {"Key": "DataClassification", "Value": "public"}]),
            (f"{KEY}/Tags", [*TAGS, TAGS[0]]),
            (f"{KEY}/Tags/0", {"Key": "Team", "Value": "x"}),
            (f"{KEY}/Tags", [{**TAGS[0], "Value": ""}, *TAGS[1:4], perhaps(TAGS[4])]),
            (f"{KEY}/Tags", [{"Key": "DataClassification", "Value": "secret"}, *TAGS[1:4], perhaps(TAGS[0])]),
            (f"{KEY}/Tags", [TAGS[1], *TAGS[1:], perhaps(TAGS[0])]),
            (f"Errors/{P}/Tags/1/Value", " "),
            (f"{VAULT}/BackupVaultTags/Owner", None),
            (f"{VAULT}/BackupVaultTags", {"Key": PARAMETER}),
            (f"Plan/{P}/BackupPlanTags", None),
            *((f"{name}/{P}/Tags", None) for name in TAGGED),
            (f"Endpoint/{P}/Tags", None),
            (f"Endpoint/{P}/Tags/2/Value", ""),
        ],
        unknown=[
            (f"{TABLE}/Tags/4/Value", PARAMETER),
            (f"{KEY}/Tags", PARAMETER),
            (f"{TABLE}/Tags", [*TAGS[:3], TAGS[4], perhaps(TAGS[3])]),
            (f"{TABLE}/Tags", [*TAGS[:4], perhaps(TAGS[4])]),
            (f"{KEY}/Tags/0", {"Key": PARAMETER, "Value": "payments@example.com"}),
            (f"Endpoint/{P}/Tags", [*TAGS[1:], perhaps(TAGS[0])]),
            (f"Endpoint/{P}/Tags", PARAMETER),
        ],
    ),
    "OPS2": Cases(broken=[("Cache", {"Type": "AWS::DAX::Cluster"})], unknown=[]),
}
