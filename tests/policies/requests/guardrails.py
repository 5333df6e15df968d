"""What an administrator may not do under the guardrails (IAM-5), and what all others still may.

Each request is sent under the permissions boundary and under the service control policy.
"""

from __future__ import annotations

from tests.policies.requests.key_use import IN_CODE
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
MUTE_RULE = f"arn:aws:cloudwatch:{HERE}:alarm-mute-rule:weekend"
DATASET = f"arn:aws:cloudwatch:{HERE}:dataset/default"
EVENT_RULE = f"arn:aws:events:{HERE}:rule/BackupJobFailed"
LEGAL_HOLD = f"arn:aws:backup:{HERE}:legal-hold:1234abcd"
RESTORE_TEST = f"arn:aws:backup:{HERE}:restore-testing-plan:monthly-1234abcd"
PIPELINE = f"arn:aws:observabilityadmin:{HERE}:telemetry-pipeline/1234abcd"
ENDPOINT = f"arn:aws:ec2:{HERE}:vpc-endpoint/vpce-0123456789abcdef0"
# As the examples name them: what CDK deploys with, and a role for emergencies.
DEPLOYMENT = "arn:aws:iam::*:role/cdk-hnb659fds-cfn-exec-role-*"
BREAK_GLASS = "arn:aws:iam::111122223333:role/ops/break-glass"
EXEMPT_ROLES = (DEPLOYMENT, BREAK_GLASS)
NEW_EXEMPT, BREAK_GLASS_ROLE = "arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-mine", BREAK_GLASS
ROLE, USER = "arn:aws:iam::111122223333:role/application", "arn:aws:iam::111122223333:user/alice"
POLICY = "arn:aws:iam::111122223333:policy/boundary"
SERVICE_ROLE = "arn:aws:iam::111122223333:role/secure-ddb/Orders-AuditRole"
SERVICE_POLICY = "arn:aws:iam::111122223333:policy/secure-ddb/Orders-AuditPolicy"
SAML = "arn:aws:iam::111122223333:saml-provider/Company"
OIDC = "arn:aws:iam::111122223333:oidc-provider/id.example.com"
OF_ROLES = (
    "AttachRolePolicy CreateRole DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DetachRolePolicy "
    "PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole"
)
OF_KINESIS = "EnableKinesisStreamingDestination UpdateKinesisStreamingDestination"
OF_OIDC = "AddClientIDToOpenIDConnectProvider CreateOpenIDConnectProvider DeleteOpenIDConnectProvider"

# What an attacker is after: service, actions without their service, and what they are done to.
GUARDED: tuple[tuple[str, str, str, str], ...] = (
    ("the table's end", "dynamodb", "DeleteTable DeleteTableReplica DeleteGlobalTableWitness", TABLE),
    ("the table without stream, protection or key", "dynamodb", "UpdateTable UpdateTimeToLive", TABLE),
    ("a table that cannot be restored", "dynamodb", "UpdateContinuousBackups", TABLE),
    ("a policy that lets others in", "dynamodb", "PutResourcePolicy DeleteResourcePolicy", TABLE),
    ("a copy of all items", "dynamodb", "ExportTableToPointInTime RestoreTableToPointInTime", TABLE),
    ("a copy of all items", "dynamodb", "RestoreTableFromBackup", TABLE_BACKUP),
    ("a copy of all items", "dynamodb", "AssociateTableReplica CreateTableReplica", TABLE),
    ("a copy of all items", "dynamodb", "CreateGlobalTable CreateGlobalTableWitness UpdateGlobalTable", TABLE),
    ("all changes", "dynamodb", OF_KINESIS, TABLE),
    ("changes that do not reach their stream", "dynamodb", "DisableKinesisStreamingDestination", TABLE),
    ("keys of restricted items", "dynamodb", "UpdateContributorInsights", TABLE),
    ("a backup's end", "dynamodb", "DeleteBackup", TABLE_BACKUP),
    ("items that nobody can read", "kms", "ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial", KEY),
    ("items that nobody can read", "kms", "RevokeGrant RetireGrant", KEY),
    ("a key that never changes", "kms", "DisableKeyRotation EnableKeyRotation", KEY),
    ("the key for others", "kms", "PutKeyPolicy", KEY),
    ("the key in another Region, with another policy", "kms", "ReplicateKey UpdatePrimaryRegion", KEY),
    ("recovery points' end", "backup", "DeleteRecoveryPoint UpdateRecoveryPointLifecycle", POINT),
    ("recovery points' end", "backup", "DisassociateRecoveryPoint DisassociateRecoveryPointFromParent", POINT),
    ("recovery points' end", "backup", "CancelLegalHold", LEGAL_HOLD),
    ("a copy of all items", "backup", "StartRestoreJob StartCopyJob CopyFromBackupVault", POINT),
    ("a copy of all items", "backup", "CopyIntoBackupVault", VAULT),
    ("a copy of all items", "backup", "CreateBackupPlan CreateBackupSelection", PLAN),
    ("a copy of all items", "backup", "CreateRestoreTestingPlan CreateRestoreTestingSelection", RESTORE_TEST),
    ("a copy of all items", "backup", "UpdateRestoreTestingPlan UpdateRestoreTestingSelection", RESTORE_TEST),
    ("a vault that other accounts share", "backup", "CreateLogicallyAirGappedBackupVault", VAULT),
    ("a vault that other accounts share", "backup", "AssociateBackupVaultMpaApprovalTeam", VAULT),
    ("a vault that other accounts share", "backup", "PutBackupVaultSharingPolicy", VAULT),
    ("an open vault", "backup", "DeleteBackupVault DeleteBackupVaultAccessPolicy PutBackupVaultAccessPolicy", VAULT),
    ("an open vault", "backup", "DeleteBackupVaultLockConfiguration PutBackupVaultLockConfiguration", VAULT),
    ("no more backups", "backup", "DeleteBackupPlan DeleteBackupSelection UpdateBackupPlan", PLAN),
    ("no more backups", "backup", "UpdateRegionSettings UpdateGlobalSettings StopBackupJob", "*"),
    ("changes that nobody records", "lambda", "DeleteEventSourceMapping UpdateEventSourceMapping", MAPPING),
    ("changes that nobody records", "lambda", "DeleteFunction PutFunctionConcurrency DeleteAlias", FUNCTION),
    ("false records", "lambda", "UpdateFunctionCode UpdateFunctionConfiguration CreateAlias UpdateAlias", FUNCTION),
    ("false records", "lambda", "AddPermission PutResourcePolicy CreateFunctionUrlConfig", FUNCTION),
    ("changes that nobody records", "lambda", "RemovePermission", FUNCTION),
    ("records' end", "logs", "DeleteLogGroup DeleteRetentionPolicy PutRetentionPolicy", LOG),
    ("records' end", "logs", "PutLogGroupDeletionProtection", LOG),
    ("records' end", "logs", "DeleteLogStream", f"{LOG}:log-stream:changes"),
    ("records that are not archived", "logs", "DeleteSubscriptionFilter PutSubscriptionFilter", LOG),
    ("records that are masked", "logs", "PutDataProtectionPolicy", LOG),
    ("records that are masked", "logs", "PutAccountPolicy", "*"),
    ("records that are changed", "logs", "ProcessWithPipeline PutTransformer DeleteTransformer", LOG),
    ("records that are changed", "logs", "PutPipelineRule", "*"),
    ("records that are changed", "observabilityadmin", "CreateTelemetryPipeline UpdateTelemetryPipeline", PIPELINE),
    ("records for others", "logs", "IntegrateWithDataset IntegrateWithS3Table", LOG),
    ("records for others", "logs", "PutResourcePolicy", "*"),
    ("false records", "logs", "PutBearerTokenAuthentication PutSyslogConfiguration", LOG),
    ("requests from outside that nobody counts", "logs", "PutMetricFilter DeleteMetricFilter", LOG),
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
    ("records under another key", "s3", "UpdateObjectEncryption", OBJECT),
    ("records' end", "s3", "DeleteBucket PutBucketObjectLockConfiguration PutLifecycleConfiguration", BUCKET),
    ("records that can be replaced", "s3", "PutBucketVersioning", BUCKET),
    ("records for others", "s3", "PutBucketPolicy DeleteBucketPolicy PutBucketPublicAccessBlock", BUCKET),
    ("records for others", "s3", "PutBucketAcl PutBucketOwnershipControls", BUCKET),
    ("records for others", "s3", "PutReplicationConfiguration PutEncryptionConfiguration", BUCKET),
    ("silence", "cloudwatch", "DeleteAlarms DisableAlarmActions PutMetricAlarm SetAlarmState", ALARM),
    ("silence", "cloudwatch", "PutCompositeAlarm PutLogAlarm", ALARM),
    ("silence", "cloudwatch", "PutAlarmMuteRule DeleteAlarmMuteRule", MUTE_RULE),
    ("silence", "cloudwatch", "PutPipelineRule", DATASET),
    ("silence", "events", "DeleteRule DisableRule PutRule PutTargets RemoveTargets", EVENT_RULE),
    ("silence", "sns", "DeleteTopic SetTopicAttributes RemovePermission Unsubscribe", TOPIC),
    ("silence", "sns", "SetSubscriptionAttributes PutDataProtectionPolicy", TOPIC),
    ("false alarms", "sns", "AddPermission", TOPIC),
    ("a way around the endpoints", "ec2", "CreateVpcEndpoint DeleteVpcEndpoints ModifyVpcEndpoint", ENDPOINT),
    ("an exempt role, or its name", "iam", OF_ROLES, NEW_EXEMPT),
    ("an exempt role, or its name", "iam", OF_ROLES, BREAK_GLASS_ROLE),
    ("a role that works for the table", "iam", f"PassRole {OF_ROLES}", SERVICE_ROLE),
    ("digests of invented records", "lambda", "InvokeFunction InvokeAsync", f"{FUNCTION}:secure-ddb"),
    (
        "a role that works for the table",
        "iam",
        "CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion SetDefaultPolicyVersion",
        SERVICE_POLICY,
    ),
    ("MFA that nobody used", "iam", "CreateSAMLProvider DeleteSAMLProvider UpdateSAMLProvider", SAML),
    ("MFA that nobody used", "iam", OF_OIDC, OIDC),
    (
        "MFA that nobody used",
        "iam",
        "RemoveClientIDFromOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint",
        OIDC,
    ),
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
    ("lambda:InvokeFunction", f"{FUNCTION}:live"),
    ("logs:PutLogEvents", f"{LOG}:log-stream:changes"),
    ("cloudtrail:LookupEvents", "*"),
    ("s3:PutObject", OBJECT),
    ("cloudwatch:DescribeAlarms", ALARM),
    ("sns:Publish", TOPIC),
    ("iam:PassRole", ROLE),
    ("iam:PassRole", NEW_EXEMPT),
    ("iam:AttachRolePolicy", ROLE),
    ("iam:GetRole", NEW_EXEMPT),
    ("iam:GetRole", SERVICE_ROLE),
    ("iam:GetSAMLProvider", SAML),
    ("kms:CreateGrant", KEY),
    ("backup:DescribeRecoveryPoint", POINT),
    ("logs:CreateLogStream", f"{LOG}:log-stream:changes"),
    ("logs:FilterLogEvents", LOG),
    ("events:PutEvents", f"arn:aws:events:{HERE}:event-bus/default"),
    ("cloudwatch:PutMetricData", DATASET),
    ("ec2:DescribeVpcEndpoints", "*"),
)
# What the roles of a table do when they work for it, and what applications do with their grants.
IN_CODE_AT_WORK = (
    ("OrdersAuditRole", "kms:GenerateMac", "digest key"),
    ("OrdersAuditRole", "logs:PutLogEvents", "audit log"),
)
AT_WORK = (
    ("OrdersAuditRole", "dynamodb:GetRecords", "stream"),
    ("OrdersAuditRole", "s3:PutObject", "file in the failure bucket"),
    ("OrdersAuditArchiveSubscriptionRole", "firehose:PutRecord", "delivery stream"),
    ("OrdersBackupRole", "dynamodb:StartAwsBackupJob", "table"),
    ("OrdersBackupRole", "backup:TagResource", "recovery point"),
    ("Reader", "dynamodb:Query", "index by-status"),
    ("Writer", "dynamodb:PutItem", "table"),
)
# One action of each statement.
OF_EACH_STATEMENT = (
    ("dynamodb:UpdateTable", TABLE),
    ("kms:PutKeyPolicy", KEY),
    ("iam:DeleteRole", NEW_EXEMPT),
    ("iam:PutRolePolicy", SERVICE_ROLE),
    ("iam:PassRole", SERVICE_ROLE),
    ("lambda:InvokeFunction", f"{FUNCTION}:secure-ddb"),
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
    at_work = [
        *(allowed(f"{role} under the {guardrail}", action, on) for role, action, on in AT_WORK),
        *(allowed(f"{role} under the {guardrail}", action, on, IN_CODE) for role, action, on in IN_CODE_AT_WORK),
    ]
    return (
        *attacks,
        *exempt,
        *ordinary,
        *at_work,
        # CI assumes CDK's other roles. That one hands CloudFormation the exempt role, and changes nothing itself.
        denied(
            "the table's end, by whom CI assumes",
            f"deploy role under the {guardrail}",
            "dynamodb:DeleteTable",
            TABLE,
        ),
        allowed(f"deploy role under the {guardrail}", "iam:PassRole", NEW_EXEMPT),
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
