"""What keeps it."""

from __future__ import annotations

from tests.rules.handwritten.making import ACCOUNT, KEY_ARN, RETAINED, TAG_MAP, TAGS, Body, trust

COPIES = f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:copies"
BACKUP: Body = {
    "Vault": {
        "Type": "AWS::Backup::BackupVault",
        **RETAINED,
        "Properties": {
            "BackupVaultName": "orders",
            "EncryptionKeyArn": KEY_ARN,
            "LockConfiguration": {"MinRetentionDays": 35},
            "AccessPolicy": {
                "Statement": {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "backup:*",
                    "Resource": "*",
                    "Condition": {"StringNotLike": {"aws:userid": "AROAEXAMPLEBREAKGLASS:*"}},
                }
            },
            "BackupVaultTags": TAG_MAP,
        },
    },
    "Plan": {
        "Type": "AWS::Backup::BackupPlan",
        "Properties": {
            # One rule a day whose copies are kept for ever does for weeks and months too.
            "BackupPlan": {
                "BackupPlanRule": [
                    {
                        "RuleName": "All",
                        "TargetBackupVault": "orders",
                        "CopyActions": [{"DestinationBackupVaultArn": COPIES}],
                    }
                ]
            },
            "BackupPlanTags": TAG_MAP,
        },
    },
    "Selection": {
        "Type": "AWS::Backup::BackupSelection",
        "Properties": {
            "BackupPlanId": {"Ref": "Plan"},
            "BackupSelection": {
                "IamRoleArn": {"Fn::GetAtt": ["BackupRole", "Arn"]},
                "ListOfTags": [
                    {"ConditionType": "STRINGEQUALS", "ConditionKey": "Application", "ConditionValue": "orders"}
                ],
            },
        },
    },
    "BackupRole": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust("backup.amazonaws.com"),
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"],
            "Tags": TAGS,
        },
    },
    "RestoreTests": {
        "Type": "AWS::Backup::RestoreTestingPlan",
        "Properties": {
            "RestoreTestingPlanName": "orders",
            "ScheduleExpression": "cron(0 7 2 * ? *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "RecoveryPointTypes": ["SNAPSHOT"],
                "IncludeVaults": [{"Fn::GetAtt": "Vault.BackupVaultArn"}],
            },
            "Tags": TAGS,
        },
    },
    "RestoreTestsOfTable": {
        "Type": "AWS::Backup::RestoreTestingSelection",
        "Properties": {
            "RestoreTestingPlanName": {"Ref": "RestoreTests"},
            "RestoreTestingSelectionName": "orders",
            "ProtectedResourceType": "DynamoDB",
            "ProtectedResourceArns": [{"Fn::GetAtt": "Table.Arn"}],
            "IamRoleArn": {"Fn::GetAtt": "BackupRole.Arn"},
            "RestoreMetadataOverrides": {"encryptionType": "KMS", "KmsMasterKeyArn": KEY_ARN},
        },
    },
}
