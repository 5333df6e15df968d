"""What an administrator may not do under the guardrails (IAM-5), and what all others still may.

Each request is sent under the permissions boundary and under the service control policy.
"""

from __future__ import annotations

from tests.policies.requests.row import Row, allowed, denied

HERE = "eu-central-1:111122223333"
TABLE = f"arn:aws:dynamodb:{HERE}:table/orders"
TABLE_BACKUP = f"{TABLE}/backup/01600000000000-1234abcd"
KEY = "key with the default policy"
POINT = f"arn:aws:backup:{HERE}:recovery-point:1234abcd"
VAULT = f"arn:aws:backup:{HERE}:backup-vault:orders"
PLAN = f"arn:aws:backup:{HERE}:backup-plan:1234abcd"
FUNCTION = f"arn:aws:lambda:{HERE}:function:audit"
MAPPING = f"arn:aws:lambda:{HERE}:event-source-mapping:1234abcd"
LOG = f"arn:aws:logs:{HERE}:log-group:audit"
DELIVERY = f"arn:aws:firehose:{HERE}:deliverystream/archive"
TRAIL = f"arn:aws:cloudtrail:{HERE}:trail/orders"
EVENT_STORE = f"arn:aws:cloudtrail:{HERE}:eventdatastore/1234abcd"
BUCKET, OBJECT = "arn:aws:s3:::records", "arn:aws:s3:::records/AWSLogs/1"
ALARM, TOPIC = f"arn:aws:cloudwatch:{HERE}:alarm:lost", f"arn:aws:sns:{HERE}:alarms"
# As the examples name them: what CDK deploys with, and a role for emergencies.
DEPLOYMENT, BREAK_GLASS = "arn:aws:iam::*:role/cdk-hnb659fds-*", "arn:aws:iam::111122223333:role/ops/break-glass"
EXEMPT_ROLES = (DEPLOYMENT, BREAK_GLASS)
NEW_EXEMPT, BREAK_GLASS_ROLE = "arn:aws:iam::111122223333:role/cdk-hnb659fds-mine", BREAK_GLASS
ROLE, USER = "arn:aws:iam::111122223333:role/application", "arn:aws:iam::111122223333:user/alice"
POLICY = "arn:aws:iam::111122223333:policy/boundary"

# What an attacker is after: service, actions without their service, and what they are done to.
GUARDED: tuple[tuple[str, str, str, str], ...] = (
    ("the table's end", "dynamodb", "DeleteTable DeleteTableReplica", TABLE),
    ("the table without stream, protection or key", "dynamodb", "UpdateTable UpdateTimeToLive", TABLE),
    ("a table that cannot be restored", "dynamodb", "UpdateContinuousBackups", TABLE),
    ("a policy that lets others in", "dynamodb", "PutResourcePolicy DeleteResourcePolicy", TABLE),
    ("a copy of all items", "dynamodb", "ExportTableToPointInTime RestoreTableToPointInTime", TABLE),
    ("a copy of all items", "dynamodb", "RestoreTableFromBackup", TABLE_BACKUP),
    ("all changes", "dynamodb", "EnableKinesisStreamingDestination UpdateKinesisStreamingDestination", TABLE),
    ("a backup's end", "dynamodb", "DeleteBackup", TABLE_BACKUP),
    ("items that nobody can read", "kms", "ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial RevokeGrant", KEY),
    ("a key that never changes", "kms", "DisableKeyRotation EnableKeyRotation", KEY),
    ("the key for others", "kms", "PutKeyPolicy", KEY),
    ("recovery points' end", "backup", "DeleteRecoveryPoint UpdateRecoveryPointLifecycle", POINT),
    ("recovery points' end", "backup", "DisassociateRecoveryPoint DisassociateRecoveryPointFromParent", POINT),
    ("a copy of all items", "backup", "StartRestoreJob StartCopyJob", POINT),
    ("an open vault", "backup", "DeleteBackupVault DeleteBackupVaultAccessPolicy PutBackupVaultAccessPolicy", VAULT),
    ("an open vault", "backup", "DeleteBackupVaultLockConfiguration PutBackupVaultLockConfiguration", VAULT),
    ("no more backups", "backup", "DeleteBackupPlan DeleteBackupSelection UpdateBackupPlan", PLAN),
    ("no more backups", "backup", "UpdateRegionSettings", "*"),
    ("changes that nobody records", "lambda", "DeleteEventSourceMapping UpdateEventSourceMapping", MAPPING),
    ("changes that nobody records", "lambda", "DeleteFunction PutFunctionConcurrency", FUNCTION),
    ("false records", "lambda", "UpdateFunctionCode UpdateFunctionConfiguration", FUNCTION),
    ("records' end", "logs", "DeleteLogGroup DeleteRetentionPolicy PutRetentionPolicy", LOG),
    ("records' end", "logs", "DeleteLogStream", f"{LOG}:log-stream:changes"),
    ("records that are not archived", "logs", "DeleteSubscriptionFilter PutSubscriptionFilter", LOG),
    ("records that are masked", "logs", "PutDataProtectionPolicy", LOG),
    ("records that are masked", "logs", "PutAccountPolicy", "*"),
    ("records that are not archived", "firehose", "DeleteDeliveryStream UpdateDestination", DELIVERY),
    ("records in clear", "firehose", "StopDeliveryStreamEncryption", DELIVERY),
    ("records in clear", "logs", "AssociateKmsKey DisassociateKmsKey", LOG),
    ("reads that nobody records", "cloudtrail", "DeleteTrail StopLogging UpdateTrail PutEventSelectors", TRAIL),
    (
        "reads that nobody records",
        "cloudtrail",
        "DeleteEventDataStore StopEventDataStoreIngestion UpdateEventDataStore",
        EVENT_STORE,
    ),
    ("records' end", "s3", "BypassGovernanceRetention", OBJECT),
    ("records' end", "s3", "DeleteBucket PutBucketObjectLockConfiguration PutLifecycleConfiguration", BUCKET),
    ("records that can be replaced", "s3", "PutBucketVersioning", BUCKET),
    ("records for others", "s3", "PutBucketPolicy DeleteBucketPolicy PutBucketPublicAccessBlock", BUCKET),
    ("records for others", "s3", "PutReplicationConfiguration PutEncryptionConfiguration", BUCKET),
    ("silence", "cloudwatch", "DeleteAlarms DisableAlarmActions PutMetricAlarm", ALARM),
    ("silence", "sns", "DeleteTopic SetTopicAttributes RemovePermission Unsubscribe", TOPIC),
    ("the name of an exempt role", "iam", "CreateRole DeleteRole UpdateAssumeRolePolicy", NEW_EXEMPT),
    ("the name of an exempt role", "iam", "CreateRole DeleteRole UpdateAssumeRolePolicy", BREAK_GLASS_ROLE),
)
# What only a boundary has to deny: ways out of itself.
WAYS_OUT: tuple[tuple[str, str, str, str], ...] = (
    ("a principal without a boundary", "iam", "CreateRole", ROLE),
    ("a principal without a boundary", "iam", "CreateUser CreateAccessKey CreateLoginProfile UpdateLoginProfile", USER),
    ("a role without a boundary", "iam", "DeleteRolePermissionsBoundary PutRolePermissionsBoundary", ROLE),
    ("a role without a boundary", "iam", "UpdateAssumeRolePolicy", ROLE),
    ("a user without a boundary", "iam", "DeleteUserPermissionsBoundary PutUserPermissionsBoundary", USER),
    ("a boundary that bounds nothing", "iam", "CreatePolicyVersion SetDefaultPolicyVersion", POLICY),
)
# What applications, operators and deployments do all day.
ORDINARY = (
    ("dynamodb:PutItem", TABLE),
    ("dynamodb:GetItem", TABLE),
    ("dynamodb:DescribeTable", TABLE),
    ("dynamodb:CreateBackup", TABLE),
    ("dynamodb:CreateTable", TABLE),
    ("kms:Decrypt", KEY),
    ("kms:DescribeKey", KEY),
    ("backup:StartBackupJob", VAULT),
    ("lambda:InvokeFunction", FUNCTION),
    ("logs:PutLogEvents", f"{LOG}:log-stream:changes"),
    ("cloudtrail:LookupEvents", "*"),
    ("s3:PutObject", OBJECT),
    ("cloudwatch:DescribeAlarms", ALARM),
    ("sns:Publish", TOPIC),
    ("iam:PassRole", ROLE),
    ("iam:GetRole", NEW_EXEMPT),
)
# One action of each statement.
OF_EACH_STATEMENT = (
    ("dynamodb:UpdateTable", TABLE),
    ("kms:PutKeyPolicy", KEY),
    ("backup:UpdateBackupPlan", PLAN),
    ("lambda:UpdateFunctionCode", FUNCTION),
    ("logs:PutRetentionPolicy", LOG),
    ("cloudwatch:PutMetricAlarm", ALARM),
    ("iam:DeleteRole", NEW_EXEMPT),
)


def under(guardrail: str, guarded: tuple[tuple[str, str, str, str], ...]) -> tuple[Row, ...]:
    """Return what is asked for under a guardrail."""
    attacks = [
        denied(attack, f"administrator under the {guardrail}", f"{service}:{name}", resource)
        for attack, service, names, resource in guarded
        for name in names.split()
    ]
    exempt = [
        allowed(f"{role} under the {guardrail}", action, resource)
        for role in ("deployment", "break-glass")
        for action, resource in OF_EACH_STATEMENT
    ]
    ordinary = [allowed(f"administrator under the {guardrail}", action, resource) for action, resource in ORDINARY]
    return (
        *attacks,
        *exempt,
        *ordinary,
        denied(
            "what an exempt role may, by a name that ends alike",
            f"impostor under the {guardrail}",
            "dynamodb:UpdateTable",
            TABLE,
        ),
        denied(
            "what an exempt role may, without its path",
            f"pathless break-glass under the {guardrail}",
            "kms:PutKeyPolicy",
            KEY,
        ),
    )


ROWS = (
    *under("boundary", (*GUARDED, *WAYS_OUT)),
    allowed("deployment under the boundary", "iam:CreateUser", USER),
    allowed("break-glass under the boundary", "iam:CreateRole", ROLE),
    *under("service control policy", GUARDED),
    allowed(
        "administrator under the service control policy",
        "iam:CreateRole",
        ROLE,
        remark="a new role of an account is under its policy as well",
    ),
)
