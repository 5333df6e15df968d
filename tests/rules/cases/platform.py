"""What a platform team makes beside tables: drift detection, a Hook, reports of AWS Config, remediation, runbooks."""

from __future__ import annotations

from typing import Any

from tests.rules.cases.copies import COPIES, function, role
from tests.rules.cases.detection import GONE, OTHER_TOPIC, reported_by
from tests.rules.cases.making import Cases, Change, P
from tests.rules.handwritten.alarms import alarm
from tests.rules.handwritten.detection import event_rule
from tests.rules.handwritten.making import KEY_ARN, PARAMETER, allow, grants, locked_bucket, trust

STACK_ARN = {"Fn::Sub": "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/Orders/*"}
TYPES = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")


OF_KEYS = ("DisableKey", "ScheduleKeyDeletion", "DisableKeyRotation")


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
    function("RestoreRole"),
    role(
        "RestoreRole",
        allow(["dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable"], {"Fn::GetAtt": "Table.Arn"}),
        allow(["kms:CancelKeyDeletion", "kms:EnableKey", "kms:EnableKeyRotation"], KEY_ARN),
    ),
    (
        "RestoreRule",
        {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.dynamodb", "aws.kms"],
                    "detail": {"eventName": ["UpdateTable", "UpdateContinuousBackups", *OF_KEYS]},
                },
                "Targets": [{"Id": "Restore", "Arn": {"Fn::GetAtt": "Restore.Arn"}}],
            },
        },
    ),
    ("RestoredRule", event_rule({"source": ["secure-ddb"], "detail-type": [{"prefix": "Guarantee"}]})),
    *(
        (f"{name}Failing", alarm("Errors", namespace="AWS/Lambda", FunctionName={"Ref": name}))
        for name in ("Drift", "Restore", "Exporter", "Keeper")
    ),
    (
        "RunbookRole",
        {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": trust("ssm.amazonaws.com"),
                "Policies": [
                    grants(
                        allow("dynamodb:PutResourcePolicy", {"Fn::GetAtt": "Table.Arn"}),
                        allow(["iam:PutRolePolicy", "iam:DeleteRolePolicy"], {"Fn::GetAtt": "Reader.Arn"}),
                        allow(["s3:GetObject", "s3:PutObject"], {"Fn::Sub": "${Saved.Arn}/*"}),
                    )
                ],
            },
        },
    ),
    ("Saved", locked_bucket()),
    (
        "Runbook",
        {
            "Type": "AWS::SSM::Document",
            "Properties": {
                "DocumentType": "Automation",
                "Content": {
                    "schemaVersion": "0.3",
                    "assumeRole": {"Fn::GetAtt": "RunbookRole.Arn"},
                    "parameters": {"Table": {"type": "String", "allowedValues": [{"Ref": "Table"}]}},
                    "mainSteps": [
                        {"name": "Deny", "action": "aws:executeScript", "inputs": {}},
                        {
                            "name": "Tell",
                            "action": "aws:executeAwsApi",
                            "inputs": {
                                "Service": "cloudwatch",
                                "Api": "PutMetricData",
                                "Namespace": "Incidents",
                                "MetricData": [
                                    {
                                        "MetricName": "Denied",
                                        "Value": 1,
                                        "Dimensions": [{"Name": "Table", "Value": "{{ Table }}"}],
                                    }
                                ],
                            },
                        },
                    ],
                },
            },
        },
    ),
    (
        "Denied",
        alarm("Denied", namespace="Incidents", statistic="Maximum", Table={"Ref": "Table"}),
    ),
    (f"Denied/{P}/TreatMissingData", "ignore"),
    ("Evidence", locked_bucket()),
    (
        "Preserve",
        {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": grants(
                allow("dynamodb:ExportTableToPointInTime", {"Fn::GetAtt": "Table.Arn"}),
                allow("s3:PutObject", {"Fn::Sub": "${Evidence.Arn}/*"}),
            ),
        },
    ),
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
HOOK, DAILY, RESTORE = f"Hook/{P}", f"Daily/{P}", f"RestoreRule/{P}"
RUNBOOK_STATEMENTS, RESTORE_STATEMENTS = (
    f"{name}/{P}/Policies/0/PolicyDocument/Statement" for name in ("RunbookRole", "RestoreRole")
)


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
    "DET16": joined(
        on_platform(reported_by("RestoredRule")),
        Cases(
            broken=each(
                (f"{RESTORE}/State", "DISABLED"),
                (f"{RESTORE}/EventBusName", "company"),
                (f"{RESTORE}/EventPattern/source", ["aws.kms"]),
                *(
                    (f"{RESTORE}/EventPattern/detail/eventName", [*OF_KEYS[:place], *OF_KEYS[place + 1 :]])
                    for place in range(len(OF_KEYS))
                ),
                (f"{RESTORE}/EventPattern/detail/requestParameters", {"tableName": ["others"]}),
            ),
            unknown=each((f"{RESTORE}/State", PARAMETER), (f"{RESTORE}/EventPattern", PARAMETER)),
        ),
    ),
    "DET17": Cases(
        broken=each(
            *((f"{name}Failing", GONE) for name in ("Drift", "Restore")),
            (f"DriftFailing/{P}/AlarmActions", None),
            (f"RestoreFailing/{P}/Threshold", 100),
            *([*COPIES, (f"{name}Failing", GONE)] for name in ("Exporter", "Keeper")),
        ),
        unknown=each((f"DriftFailing/{P}/Threshold", PARAMETER), (f"RestoreFailing/{P}/AlarmActions/0", OTHER_TOPIC)),
    ),
    "IAM16": Cases(
        broken=each(
            *(
                (f"{place}/0/Action", ["dynamodb:PutResourcePolicy", "dynamodb:UpdateContinuousBackups", action])
                for place in (RUNBOOK_STATEMENTS, RESTORE_STATEMENTS)
                for action in ("dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:*", "iam:PassRole")
            ),
            (f"{RESTORE_STATEMENTS}/1/Action", ["kms:EnableKey", "kms:ScheduleKeyDeletion"]),
            (f"{RUNBOOK_STATEMENTS}/1/Resource", "*"),
            (f"{RUNBOOK_STATEMENTS}/1/Resource", [{"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/*"}]),
            (f"{RUNBOOK_STATEMENTS}/1/Resource", ["arn:aws:iam::111122223333:role/??"]),
        ),
        unknown=each(
            (f"{RUNBOOK_STATEMENTS}/1/Resource", PARAMETER),
            (f"{RUNBOOK_STATEMENTS}/0/Action", ["dynamodb:PutResourcePolicy", PARAMETER]),
        ),
    ),
    "MON20": Cases(
        broken=each(
            ("Denied", GONE),
            (f"Denied/{P}/AlarmActions", None),
            (f"Denied/{P}/ActionsEnabled", False),
            (f"Denied/{P}/TreatMissingData", "notBreaching"),
            (f"Denied/{P}/Threshold", 2),
            (f"Denied/{P}/ComparisonOperator", "LessThanThreshold"),
            (f"Denied/{P}/Dimensions/0/Value", "others"),
        ),
        unknown=each(
            (f"Denied/{P}/Threshold", PARAMETER),
            (f"Denied/{P}/TreatMissingData", PARAMETER),
            (f"Denied/{P}/AlarmActions/0", OTHER_TOPIC),
            (f"Runbook/{P}/Content/parameters/Table", {"type": "String"}),
        ),
    ),
    "OPS15": Cases(
        broken=each(
            *(
                (f"{name}/{path}", value)
                for name in ("Saved", "Evidence")
                for path, value in (
                    (f"{P}/BucketEncryption", None),
                    (f"{P}/ObjectLockConfiguration", None),
                    (f"{P}/PublicAccessBlockConfiguration", {"BlockPublicAcls": False}),
                    ("DeletionPolicy", "Delete"),
                )
            )
        ),
        unknown=each(
            *((f"{name}/{P}/ObjectLockConfiguration", PARAMETER) for name in ("Saved", "Evidence")),
            ("Saved/DeletionPolicy", PARAMETER),
        ),
    ),
}
