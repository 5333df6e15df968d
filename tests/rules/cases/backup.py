"""Recovery, backups and protection against deletion."""

from __future__ import annotations

from tests.rules.cases.making import (
    ELSEWHERE,
    KEY_STATEMENTS,
    TABLE,
    VAULT,
    Cases,
    P,
    alarm,
    key_of,
    merged,
    perhaps,
    removal,
)
from tests.rules.handwritten import RESOURCES
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, TAGS, Body

RULES = f"Plan/{P}/BackupPlan/BackupPlanRule"
RULE = f"{RULES}/0"
RULE_LIFECYCLE = f"{RULE}/Lifecycle"
COPIED_TO = f"{RULE}/CopyActions/0/DestinationBackupVaultArn"
CHOSEN, TESTED = f"RestoreTests/{P}/RecoveryPointSelection", f"RestoreTestsOfTable/{P}"
COMPLETED = f"NoBackup/{P}/Metrics/0/MetricStat"
COMPLETED_JOBS = [{**each, "ReturnData": False} for each in RESOURCES["NoBackup"]["Properties"]["Metrics"]]
PUBLIC = {"Key": "DataClassification", "Value": "public"}
RESTRICTED = {"Key": "DataClassification", "Value": "restricted"}


def monthly(day: str) -> list[Body]:
    """Return the rules of a plan, of which the last one copies once a month."""
    schedules = {"? * * *": 35, "? * SUN *": 90, day: 365}
    return [
        {
            "TargetBackupVault": {"Ref": "Vault"},
            "ScheduleExpression": f"cron(0 5 {days})",
            "Lifecycle": {"DeleteAfterDays": kept},
        }
        for days, kept in schedules.items()
    ]


def kept_for(days: object) -> tuple[str, Body]:
    return RULE_LIFECYCLE, {"DeleteAfterDays": days}


def one_rule(schedule: str, days: int) -> tuple[str, list[Body]]:
    """Return a plan whose only rule copies on this schedule."""
    return RULES, [
        {
            "TargetBackupVault": {"Ref": "Vault"},
            "ScheduleExpression": f"cron(0 5 {schedule})",
            "Lifecycle": {"DeleteAfterDays": days},
        }
    ]


CASES: dict[str, Cases] = {
    "BAK1": Cases(
        broken=[
            (f"{TABLE}/PointInTimeRecoverySpecification", None),
            (f"{TABLE}/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", False),
        ],
        unknown=[(f"{TABLE}/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", PARAMETER)],
    ),
    "BAK2": Cases(
        broken=[
            (f"{TABLE}/PointInTimeRecoverySpecification/RecoveryPeriodInDays", 34),
            (f"{TABLE}/PointInTimeRecoverySpecification/RecoveryPeriodInDays", 36),
            # Of two classifications the stricter one counts.
            *(
                [
                    (f"{TABLE}/PointInTimeRecoverySpecification/RecoveryPeriodInDays", 34),
                    (f"{TABLE}/Tags", tags),
                ]
                for tags in ([*TAGS, PUBLIC], [PUBLIC, *TAGS])
            ),
        ],
        unknown=[(f"{TABLE}/PointInTimeRecoverySpecification/RecoveryPeriodInDays", PARAMETER)],
    ),
    "BAK3": Cases(
        broken=[(f"{TABLE}/DeletionProtectionEnabled", None), (f"{TABLE}/DeletionProtectionEnabled", "false")],
        unknown=[(f"{TABLE}/DeletionProtectionEnabled", PARAMETER)],
    ),
    "BAK4": removal("Table"),
    "BAK5": Cases(
        broken=[
            (f"Selection/{P}/BackupSelection/ListOfTags/0/ConditionValue", "payments"),
            (f"Selection/{P}/BackupSelection/ListOfTags", None),
            (f"Selection/{P}/BackupSelection/NotResources", ["arn:aws:dynamodb:*:*:table/orders"]),
            (
                f"Selection/{P}/BackupSelection/Conditions",
                {"StringEquals": [{"ConditionKey": "aws:ResourceTag/Environment", "ConditionValue": "test"}]},
            ),
            (f"Selection/{P}/BackupPlanId", None),
            ("Selection/Type", "AWS::CloudFormation::WaitConditionHandle"),
        ],
        unknown=[
            (f"Selection/{P}/BackupSelection/ListOfTags/0/ConditionValue", PARAMETER),
            (f"Selection/{P}/BackupSelection", {"Resources": [PARAMETER]}),
            (f"Selection/{P}/BackupPlanId", PARAMETER),
            (f"Selection/{P}/BackupPlanId", "0f000000-0000-0000-0000-000000000000"),
            ("Selection/Condition", "Sometimes"),
        ],
    ),
    "BAK6": Cases(
        broken=[
            kept_for(34),
            kept_for(36501),
            (RULE_LIFECYCLE, {"DeleteAfterDays": 400, "MoveToColdStorageAfterDays": 311}),
            *(one_rule(schedule, days) for schedule, days in (("? * SUN *", 34), ("1 * ? *", 364), ("1 1 ? *", -1))),
            *(one_rule(day, 365) for day in ("31 * ? *", "30W * ? *", "? * SUN#5 *")),
            (f"{RULE}/TargetBackupVault", None),
            # Restricted data has to have all three.
            *(
                [(f"{TABLE}/Tags", [*TAGS, RESTRICTED]), change]
                for change in (
                    kept_for(364),
                    one_rule("? * SUN *", -1),
                    one_rule("1 * ? *", -1),
                    (f"{RULE}/ScheduleExpression", "rate(2 days)"),
                    *((RULES, monthly(day)) for day in ("31 * ? *", "30W * ? *", "? * SUN#5 *")),
                )
            ),
        ],
        unknown=[
            (RULE_LIFECYCLE, {"DeleteAfterDays": PARAMETER}),
            (f"{RULE}/ScheduleExpression", PARAMETER),
            [(f"{TABLE}/Tags", [*TAGS, RESTRICTED]), (f"{RULE}/ScheduleExpression", PARAMETER)],
        ],
    ),
    "BAK7": merged(
        key_of(f"{VAULT}/EncryptionKeyArn"),
        Cases(
            broken=[(f"{KEY_STATEMENTS}/1/Condition/StringLike", {"kms:ViaService": "s3.eu-central-1.amazonaws.com"})],
            unknown=[(f"Plan/{P}/BackupPlan/BackupPlanRule/0/TargetBackupVault", "company")],
        ),
    ),
    "BAK8": Cases(
        broken=[
            (f"{VAULT}/AccessPolicy", None),
            (f"{VAULT}/AccessPolicy/Statement/Effect", "Allow"),
            (f"{VAULT}/AccessPolicy/Statement/Action", "backup:DeleteRecoveryPoint"),
            (f"{VAULT}/AccessPolicy/Statement/Principal", {"AWS": ACCOUNT}),
            (f"{VAULT}/AccessPolicy/Statement/Resource", "arn:aws:ec2:eu-central-1::snapshot/one"),
            [
                (f"{VAULT}/AccessPolicy/Statement/Resource", None),
                (f"{VAULT}/AccessPolicy/Statement/NotResource", "arn:aws:ec2:eu-central-1::snapshot/one"),
            ],
            *(
                (f"{VAULT}/AccessPolicy/Statement/Condition", {operator: {key: value}})
                for operator, key, value in (
                    ("StringNotLike", "aws:userid", "*"),
                    ("StringNotLike", "aws:userid", "A*"),
                    ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"),
                    ("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:*"),
                    ("ArnNotLike", "aws:PrincipalArn", "arn*"),
                    ("ForAnyValue:StringNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/x"),
                )
            ),
            (f"{VAULT}/AccessPolicy/Statement/Condition", {"StringEquals": {"aws:userid": "AROAEXAMPLE"}}),
        ],
        unknown=[
            (
                f"{VAULT}/AccessPolicy/Statement",
                perhaps({"Effect": "Deny", "Principal": "*", "Action": "backup:*", "Resource": "*"}),
            ),
            (f"{VAULT}/AccessPolicy/Statement/Condition", perhaps({"StringEquals": {"aws:PrincipalArn": "x"}})),
            (f"{VAULT}/AccessPolicy/Statement/Action", PARAMETER),
            (f"{VAULT}/AccessPolicy/Statement/Principal", PARAMETER),
            (f"{VAULT}/AccessPolicy", PARAMETER),
            (f"{VAULT}/AccessPolicy/Statement/Condition", {"ArnNotLike": {"aws:PrincipalArn": PARAMETER}}),
        ],
    ),
    "BAK14": Cases(
        broken=[
            (COPIED_TO, f"arn:aws:backup:eu-central-1:{ACCOUNT}:backup-vault:others"),
            (COPIED_TO, {"Fn::GetAtt": "Vault.BackupVaultArn"}),
            (f"BackupRole/{P}/ManagedPolicyArns", None),
        ],
        unknown=[(COPIED_TO, PARAMETER), (f"BackupRole/{P}/ManagedPolicyArns", PARAMETER)],
    ),
    "BAK15": Cases(
        broken=[
            (f"{CHOSEN}/IncludeVaults", ["arn:aws:backup:*:*:backup-vault:others"]),
            (f"{CHOSEN}/ExcludeVaults", ["arn:aws:backup:*:*:backup-vault:o*"]),
            (f"{CHOSEN}/RecoveryPointTypes", ["CONTINUOUS"]),
            [(f"{TESTED}/ProtectedResourceArns", ["*"]), (f"{CHOSEN}/IncludeVaults", [])],
        ],
        unknown=[
            (f"{CHOSEN}/IncludeVaults/0", PARAMETER),
            (f"{CHOSEN}/RecoveryPointTypes/0", PARAMETER),
            (f"{TESTED}/RestoreTestingPlanName", "others"),
            (f"{TESTED}/ProtectedResourceArns/0", PARAMETER),
            (f"{TESTED}/ProtectedResourceType", PARAMETER),
        ],
    ),
    "BAK16": Cases(
        broken=[
            (f"{TESTED}/RestoreMetadataOverrides", None),
            (f"{TESTED}/RestoreMetadataOverrides/KmsMasterKeyArn", None),
            (f"{TESTED}/RestoreMetadataOverrides/KmsMasterKeyArn", "alias/aws/dynamodb"),
        ],
        unknown=[
            (f"{TESTED}/RestoreMetadataOverrides", PARAMETER),
            (f"{TESTED}/RestoreMetadataOverrides/KmsMasterKeyArn", PARAMETER),
            (f"{TESTED}/RestoreMetadataOverrides/KmsMasterKeyArn", ELSEWHERE),
        ],
    ),
    "BAK9": Cases(
        broken=[
            (f"{VAULT}/LockConfiguration", None),
            (f"{VAULT}/LockConfiguration/MinRetentionDays", 34),
            [
                (f"{VAULT}/LockConfiguration/MinRetentionDays", 366),
                (f"Plan/{P}/BackupPlan/BackupPlanRule/0/Lifecycle", {"DeleteAfterDays": 365}),
            ],
            (f"{VAULT}/LockConfiguration/MinRetentionDays", 36501),
            # The plan keeps recovery points for ever.
            (f"{VAULT}/LockConfiguration/MaxRetentionDays", 36500),
            [(f"{VAULT}/LockConfiguration/MaxRetentionDays", 36500), kept_for(-1)],
            [(f"{VAULT}/LockConfiguration/MaxRetentionDays", 364), kept_for(365)],
            [(f"{VAULT}/LockConfiguration/MaxRetentionDays", 36501), kept_for(365)],
            [(f"{VAULT}/LockConfiguration/MaxRetentionDays", 0), kept_for(365)],
        ],
        unknown=[
            (f"{VAULT}/LockConfiguration", PARAMETER),
            (f"{VAULT}/LockConfiguration/MinRetentionDays", PARAMETER),
            (f"{VAULT}/LockConfiguration/MaxRetentionDays", PARAMETER),
            kept_for(PARAMETER),
        ],
    ),
    "BAK10": Cases(
        broken=[
            (f"BackupRole/{P}/ManagedPolicyArns", None),
            (f"BackupRole/{P}/AssumeRolePolicyDocument/Statement/Principal", {"Service": "ec2.amazonaws.com"}),
            (f"Selection/{P}/BackupSelection/IamRoleArn", None),
        ],
        unknown=[
            (f"BackupRole/{P}/ManagedPolicyArns", [f"arn:aws:iam::{ACCOUNT}:policy/backup"]),
            (f"Selection/{P}/BackupSelection/IamRoleArn", PARAMETER),
        ],
    ),
    "BAK11": removal("Vault"),
    # With EventBridge rules: tests/rules/test_failed_jobs.py.
    "BAK12": merged(
        *(alarm(f"BackupJobs{state}") for state in ("Aborted", "Expired", "Failed")),
        Cases(
            broken=[
                (f"BackupJobsFailed/{P}/Dimensions/0/Value", "company"),
                (
                    f"BackupJobsFailed/{P}/Dimensions",
                    [{"Name": "BackupVaultName", "Value": "orders"}, {"Name": "ResourceType", "Value": "EFS"}],
                ),
            ],
            unknown=[(f"{RULE}/TargetBackupVault", PARAMETER)],
        ),
    ),
    "BAK13": Cases(
        broken=[
            ("NoBackup", {"Type": "AWS::CloudFormation::WaitConditionHandle"}),
            *((f"{COMPLETED}/Metric/{name}", "other") for name in ("Namespace", "MetricName")),
            *((f"{COMPLETED}/Metric/Dimensions/{number}/Value", "other") for number in (0, 1)),
            *((f"{COMPLETED}/Stat", statistic) for statistic in ("Minimum", "SampleCount")),
            (f"{COMPLETED}/Period", None),
            (f"NoBackup/{P}/ComparisonOperator", "GreaterThanThreshold"),
            # At one completed job it would ring as well, and at all others.
            *((f"NoBackup/{P}/Threshold", value) for value in (1, 10**9)),
            *((f"NoBackup/{P}/Threshold", value) for value in (-1, None)),
            *((f"NoBackup/{P}/TreatMissingData", value) for value in ("ignore", "missing", "notBreaching", None)),
            # CloudWatch looks back for seven days only.
            *((f"NoBackup/{P}/EvaluationPeriods", value) for value in (8, None)),
            (f"NoBackup/{P}/DatapointsToAlarm", 8),
            # Between two weekly jobs it would ring each week.
            [one_rule("? * SUN *", 90), (f"NoBackup/{P}/EvaluationPeriods", 6)],
        ],
        unknown=[
            (f"NoBackup/{P}/Threshold", PARAMETER),
            (f"NoBackup/{P}/TreatMissingData", PARAMETER),
            ("NoBackup/Condition", "Sometimes"),
            # Two vaults, of which one is empty, add up to more than none.
            (f"NoBackup/{P}/Metrics", [*COMPLETED_JOBS, {"Id": "all", "Expression": "SUM(METRICS())"}]),
            (f"{RULE}/TargetBackupVault", PARAMETER),
            (f"{RULE}/TargetBackupVault", "company"),
            # No alarm looks back for a month.
            one_rule("1 * ? *", 365),
            (f"{RULE}/ScheduleExpression", PARAMETER),
        ],
    ),
}
