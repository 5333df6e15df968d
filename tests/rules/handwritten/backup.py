"""What keeps it."""

from __future__ import annotations

from tests.rules.handwritten.making import KEY_ARN, RETAINED, TAG_MAP, TAGS, Body, trust

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
            "BackupPlan": {"BackupPlanRule": [{"RuleName": "All", "TargetBackupVault": "orders"}]},
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
}
