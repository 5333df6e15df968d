"""Detection."""

from __future__ import annotations

from tests.rules.cases.making import Cases, Change, P, merged
from tests.rules.handwritten.making import PARAMETER

GONE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
OTHER_TOPIC = "arn:aws:sns:eu-central-1:111122223333:people"


def reported_by(rule: str) -> Cases:
    """Return how a rule ceases to tell people."""
    broken: list[Change | list[Change]] = [
        (f"{rule}/{P}/State", "DISABLED"),
        (f"{rule}/{P}/EventBusName", "company"),
        (f"{rule}/{P}/Targets", None),
    ]
    unknown: list[Change | list[Change]] = [
        (f"{rule}/{P}/EventPattern", PARAMETER),
        (f"{rule}/{P}/State", PARAMETER),
        (f"{rule}/{P}/EventBusName", PARAMETER),
        (f"{rule}/{P}/Targets/0/Arn", PARAMETER),
        (f"{rule}/{P}/Targets/0/Arn", OTHER_TOPIC),
        # Its code decides.
        (f"{rule}/{P}/Targets/0/Arn", {"Fn::GetAtt": "Function.Arn"}),
    ]
    return Cases(broken, unknown)


def logged(*changes: Change | list[Change]) -> Cases:
    """Return how calls cease to be logged in the app, so that a trail elsewhere has to."""
    selector = f"Trail/{P}/EventSelectors/0"
    return Cases(
        [],
        [
            ("Trail", GONE),
            (f"Trail/{P}/IsLogging", False),
            (f"Trail/{P}/IsLogging", PARAMETER),
            (f"{selector}/IncludeManagementEvents", False),
            (f"{selector}/IncludeManagementEvents", PARAMETER),
            (f"{selector}/ReadWriteType", PARAMETER),
            *changes,
        ],
    )


def raised_by(alarm: str) -> Cases:
    """Return how an alarm ceases to ring, or may."""
    broken: list[Change | list[Change]] = [
        (f"{alarm}/{P}/AlarmActions", None),
        (f"{alarm}/{P}/AlarmActions/0", {"Fn::GetAtt": "Function.Arn"}),
        (f"{alarm}/{P}/ActionsEnabled", False),
        (f"{alarm}/{P}/Threshold", 100),
        (f"{alarm}/{P}/TreatMissingData", "breaching"),
    ]
    unknown: list[Change | list[Change]] = [
        (alarm, GONE),
        (f"{alarm}/{P}/AlarmActions/0", OTHER_TOPIC),
        (f"{alarm}/{P}/ActionsEnabled", PARAMETER),
        (f"{alarm}/{P}/Threshold", PARAMETER),
    ]
    return Cases(broken, unknown)


SELECTOR = f"Trail/{P}/EventSelectors/0"
CALLS = f"CallRule/{P}/EventPattern"
READS = (f"{SELECTOR}/ReadWriteType", "ReadOnly")


CASES: dict[str, Cases] = {
    "DET1": reported_by("ThreatRule"),
    "DET2": merged(
        reported_by("CallRule"),
        logged(READS),
        Cases(
            [],
            [
                (f"{CALLS}/detail", {"eventName": ["DeleteTable", "UpdateTable"]}),
                (f"{CALLS}/detail", {"requestParameters": {"tableName": ["others"]}}),
                (f"Trail/{P}/EventSelectors", PARAMETER),
            ],
        ),
    ),
    "DET3": merged(
        reported_by("CallRule"),
        logged(READS),
        Cases(
            [],
            [
                (f"{SELECTOR}/ExcludeManagementEventSources", ["kms.amazonaws.com"]),
                (f"{CALLS}/detail", {"eventName": ["DisableKey"]}),
            ],
        ),
    ),
    "DET4": Cases(
        [
            ("ConfigRecovery", GONE),
            (f"ConfigBackup/{P}/InputParameters/resourceId", "others"),
            (f"ConfigProtection/{P}/Scope/ComplianceResourceId", "others"),
            (f"ConfigRecovery/{P}/Scope/ComplianceResourceTypes", ["AWS::S3::Bucket"]),
            (f"ConfigEncryption/{P}/Source/SourceIdentifier", "DYNAMODB_AUTOSCALING_ENABLED"),
        ],
        [
            (f"ConfigBackup/{P}/InputParameters/resourceId", PARAMETER),
            (f"ConfigProtection/{P}/Scope/ComplianceResourceId", PARAMETER),
            (f"ConfigRecovery/{P}/Scope/ComplianceResourceTypes", PARAMETER),
            (f"ConfigEncryption/{P}/Scope", {"TagKey": "Application", "TagValue": "orders"}),
        ],
    ),
    "DET6": merged(reported_by("CallRule"), logged(READS)),
    "DET7": merged(
        reported_by("DeniedRule"),
        logged((f"{SELECTOR}/DataResources", None)),
        # Most denied requests only read.
        Cases([], [(f"DeniedRule/{P}/State", None), (f"DeniedRule/{P}/State", "ENABLED")]),
    ),
    "DET8": merged(reported_by("CallRule"), logged(READS)),
    "DET9": reported_by("HealthRule"),
    "DET11": Cases(
        [],
        [
            ("OnCall", GONE),
            (f"OnCall/{P}/TopicArn", OTHER_TOPIC),
            (f"OnCall/{P}/TopicArn", PARAMETER),
            (f"OnCall/{P}/FilterPolicy", {"severity": ["high"]}),
            (f"OnCall/{P}/Endpoint", PARAMETER),
            (f"People/{P}/Subscription", None),
            (f"People/{P}/Subscription", PARAMETER),
        ],
    ),
    "DET13": Cases(
        [],
        [
            ("Traffic", GONE),
            (f"Traffic/{P}/TrafficType", "ACCEPT"),
            (f"Traffic/{P}/ResourceId", "vpc-0a1b2c3d"),
            (f"Traffic/{P}/LogGroupName", "others"),
            (f"Rejects/{P}/FilterPattern", "[eni, source, target, action = ACCEPT]"),
            (f"Rejects/{P}/FilterPattern", PARAMETER),
            (f"Rejects/{P}/MetricTransformations/0/MetricName", "Others"),
            (f"Rejected/{P}/AlarmActions", None),
            (f"Rejected/{P}/Threshold", 100),
        ],
    ),
    "DET12": merged(raised_by("Undelivered"), raised_by("Unsent")),
}
