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
}
