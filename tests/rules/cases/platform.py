"""What a platform team makes beside tables: drift detection, a Hook, reports of AWS Config, remediation, runbooks."""

from __future__ import annotations

from typing import Any

from tests.rules.cases.copies import function, role
from tests.rules.cases.detection import GONE, reported_by
from tests.rules.cases.making import Cases, Change, P
from tests.rules.handwritten.detection import event_rule
from tests.rules.handwritten.making import PARAMETER, allow

STACK_ARN = {"Fn::Sub": "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/Orders/*"}
TYPES = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")


def targets(*pairs: tuple[str, str]) -> dict[str, Any]:
    found = [{"TargetName": name, "Action": action, "InvocationPoint": "PRE_PROVISION"} for name, action in pairs]
    return {"Targets": found}


EVERY = [(name, action) for name in TYPES for action in ("CREATE", "UPDATE")]
PLATFORM: list[Change] = [
    function("DriftRole"),
    role(
        "DriftRole",
        allow(["cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift"], STACK_ARN),
        allow("cloudformation:DescribeStackDriftDetectionStatus", "*"),
    ),
    (
        "Daily",
        {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "ScheduleExpression": "cron(0 3 * * ? *)",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": {"Fn::GetAtt": "Drift.Arn"}, "RoleArn": {"Fn::GetAtt": "DriftRole.Arn"}},
            },
        },
    ),
    ("DriftRule", event_rule({"source": ["secure-ddb"], "detail-type": [{"prefix": "Stack Drift"}]})),
    ("ComplianceRule", event_rule({"source": ["aws.config"]})),
    (
        "Hook",
        {
            "Type": "AWS::CloudFormation::GuardHook",
            "Properties": {
                "HookStatus": "ENABLED",
                "FailureMode": "WARN",
                "TargetOperations": ["STACK", "RESOURCE"],
                "TargetFilters": {"TargetNames": ["AWS::DynamoDB::*"]},
            },
        },
    ),
]
HOOK, DAILY = f"Hook/{P}", f"Daily/{P}"


def each(*changes: Change | list[Change]) -> list[Change | list[Change]]:
    """Return what the platform makes with one thing changed at a time."""
    return [[*PLATFORM, *(change if isinstance(change, list) else [change])] for change in changes]


def on_platform(cases: Cases) -> Cases:
    return Cases(each(*cases.broken), each(*cases.unknown))


def joined(*cases: Cases) -> Cases:
    return Cases([case for each in cases for case in each.broken], [case for each in cases for case in each.unknown])


CASES: dict[str, Cases] = {
    "DET5": joined(
        on_platform(reported_by("DriftRule")),
        Cases(
            broken=each(
                ("Daily", GONE),
                (f"{DAILY}/State", "DISABLED"),
                (f"{DAILY}/Target/Arn", {"Fn::GetAtt": "Function.Arn"}),
            ),
            unknown=each(
                (f"{DAILY}/State", PARAMETER),
                (f"DriftRole/{P}/Policies/0/PolicyDocument/Statement/0/Resource", PARAMETER),
                # Another stack's drift says nothing of this one's.
                (
                    f"DriftRole/{P}/Policies/0/PolicyDocument/Statement/0/Resource",
                    "arn:aws:cloudformation:eu-central-1:111122223333:stack/Others/*",
                ),
            ),
        ),
    ),
    "DET14": on_platform(reported_by("ComplianceRule")),
    "DET15": Cases(
        broken=each(
            (f"{HOOK}/HookStatus", "DISABLED"),
            (f"{HOOK}/TargetOperations", ["CLOUD_CONTROL"]),
            (f"{HOOK}/TargetFilters", {"TargetNames": ["AWS::DynamoDB::Table"]}),
            (f"{HOOK}/TargetFilters", {"TargetNames": ["AWS::*"], "Actions": ["CREATE"]}),
            *((f"{HOOK}/TargetFilters", targets(*EVERY[:place], *EVERY[place + 1 :])) for place in range(len(EVERY))),
        ),
        unknown=each(
            (f"{HOOK}/HookStatus", PARAMETER),
            (f"{HOOK}/TargetOperations", PARAMETER),
            (f"{HOOK}/TargetFilters", PARAMETER),
        ),
    ),
}
