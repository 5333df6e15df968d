"""Subjects that services report by themselves. They need no trail, but the service has to be on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.detection.api_calls import API_CALL, BY, WHO
from secure_ddb.detection.handler.watch import counted
from secure_ddb.detection.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

# https://docs.aws.amazon.com/kms/latest/developerguide/kms-events.html
KEY_LOST = Subject(
    name="KeyLost",
    happened="A KMS key was deleted, or its imported key material expired. Data encrypted with it cannot be read.",
    pattern={"source": ["aws.kms"], "detail-type": ["KMS CMK Deletion", "KMS Imported Key Material Expiration"]},
    fields={"What": "<type> of key <key-arn>"},
    paths={"type": "$.detail-type", "key-arn": "$.resources[0]"},
    steps=(
        "If the key material expired, import the same material again.",
        "A deleted key cannot be recovered: restore the table from a backup with another key.",
    ),
    concerns_key=True,
)
# Bad ends of jobs. Backup and copy jobs have a state, restore jobs a status.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
_ENDS = ["ABORTED", "EXPIRED", "FAILED"]
BACKUP_JOB_FAILED = Subject(
    name="BackupJobFailed",
    happened="A backup, copy or restore of a DynamoDB table failed, was aborted or expired.",
    pattern={
        "source": ["aws.backup"],
        "detail-type": ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"],
        "detail": {"resourceType": ["DynamoDB"], "$or": [{"state": _ENDS}, {"status": _ENDS}]},
    },
    fields={
        "What": "<type>: <state><status> for <table-arn> <restored> in vault <vault>",
        "Why": "<reason>",
        "Job": "<backup><copy><restore>",
    },
    paths={
        "type": "$.detail-type",
        "state": "$.detail.state",
        "status": "$.detail.status",
        "table-arn": "$.detail.resourceArn",
        "restored": "$.detail.sourceResourceArn",
        "vault": "$.detail.backupVaultName",
        "reason": "$.detail.statusMessage",
        "backup": "$.detail.backupJobId",
        "copy": "$.detail.copyJobId",
        "restore": "$.detail.restoreJobId",
    },
    steps=("Fix the cause, and start the job again on demand: the latest recovery point is older.",),
)
_CHANGES: list[dict[str, Any]] = [
    {
        "detail-type": ["Backup Plan State Change", "Backup Vault State Change", "Region Setting State Change"],
        "detail": {"state": ["DELETED", "MODIFIED"]},
    },
    # EXPIRED ones AWS Backup could not delete, PARTIAL ones are incomplete. DELETED comes each day, of all whose time
    # is over; deleting one before that is an API call.
    {
        "detail-type": ["Recovery Point State Change"],
        "detail": {"resourceType": ["DynamoDB"], "status": ["EXPIRED", "PARTIAL"]},
    },
    {
        "detail-type": [API_CALL],
        "detail": {
            "eventName": [
                "DeleteBackupSelection",
                "DeleteBackupVault",
                "DeleteBackupVaultAccessPolicy",
                "DeleteBackupVaultLockConfiguration",
                "DeleteRecoveryPoint",
                "DisassociateRecoveryPoint",
                "PutBackupVaultAccessPolicy",
                "PutBackupVaultLockConfiguration",
                "UpdateRecoveryPointLifecycle",
            ]
        },
    },
]
BACKUP_CHANGED = Subject(
    name="BackupChanged",
    happened=(
        "Recovery points, a backup vault, a backup plan or the service opt-in were changed or deleted, or recovery "
        "points expired."
    ),
    pattern={"source": ["aws.backup"], "$or": _CHANGES},
    fields={"What": "<type> <event> <state> <status> of <resource> <table> <vault> <point> <plan>", **BY},
    paths={
        **WHO,
        "type": "$.detail-type",
        "state": "$.detail.state",
        "status": "$.detail.status",
        "table": "$.detail.resourceArn",
        "resource": "$.resources[0]",
        "vault": "$.detail.requestParameters.backupVaultName",
        "point": "$.detail.requestParameters.recoveryPointArn",
        "plan": "$.detail.requestParameters.backupPlanId",
    },
    steps=(
        "Find out whether this was planned. AWS Backup's events do not show the caller; CloudTrail does.",
        "If not, deploy the stack again, and start a backup on demand.",
    ),
)
# `service` of an event. RISK stands for the account as a whole, such as credentials that became public.
# https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
_HEALTH_SERVICES = ["ABUSE", "BACKUP", "CLOUDTRAIL", "CLOUDWATCH", "DYNAMODB", "EVENTS", "KMS", "LAMBDA", "RISK", "SNS"]
HEALTH_EVENT = Subject(
    name="HealthEvent",
    happened="AWS Health reported an event for a service that tables depend on.",
    pattern={
        "source": ["aws.health"],
        "detail-type": ["AWS Health Abuse Event", "AWS Health Event"],
        "detail": {"service": _HEALTH_SERVICES},
    },
    fields={
        "What": "<code> (<category>, <state>) of <service> in <affected>, from <start>",
        "AWS says": "<description>",
        "Affected": "<resources>",
    },
    paths={
        "code": "$.detail.eventTypeCode",
        "category": "$.detail.eventTypeCategory",
        "state": "$.detail.statusCode",
        "service": "$.detail.service",
        "affected": "$.detail.eventRegion",
        "start": "$.detail.startTime",
        "description": "$.detail.eventDescription[0].latestDescription",
        "resources": "$.resources",
    },
    steps=("Read the event in the AWS Health Dashboard, which also has later updates.",),
)
MACIE_FINDING = Subject(
    name="MacieFinding",
    happened="Amazon Macie found sensitive data or a weakly protected bucket.",
    # https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html
    pattern={
        "source": ["aws.macie"],
        "detail-type": ["Macie Finding"],
        "detail": {"severity": {"description": ["High"]}},
    },
    fields={
        "What": "<finding> (severity <severity>): <title>",
        "Where": "<bucket> <object>",
        "Macie says": "<description>",
    },
    paths={
        "finding": "$.detail.type",
        "severity": "$.detail.severity.description",
        "title": "$.detail.title",
        "bucket": "$.detail.resourcesAffected.s3Bucket.arn",
        "object": "$.detail.resourcesAffected.s3Object.path",
        "description": "$.detail.description",
    },
    steps=("If it is a bucket with a table's exports, archives or trails, close it and find out who read it.",),
)
SECURITY_HUB_FINDING = Subject(
    name="SecurityHubFinding",
    happened="AWS Security Hub has a new finding on a table, a key, a backup or a trail.",
    # A finding is sent again with each update, until its workflow status is no longer NEW. What GuardDuty and Macie
    # find comes from them.
    # https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
    pattern={
        "source": ["aws.securityhub"],
        "detail-type": ["Security Hub Findings - Imported"],
        "detail": {
            "findings": {
                "ProductName": [{"anything-but": ["GuardDuty", "Macie"]}],
                "RecordState": ["ACTIVE"],
                "Resources": {
                    "Type": [
                        "AwsBackupBackupVault",
                        "AwsBackupRecoveryPoint",
                        "AwsCloudTrailTrail",
                        "AwsDynamoDbTable",
                        "AwsKmsKey",
                    ]
                },
                "Severity": {"Label": ["CRITICAL", "HIGH"]},
                "Workflow": {"Status": ["NEW"]},
            }
        },
    },
    fields={
        "What": "<title> (severity <severity>, <product>)",
        "Where": "<resource>",
        "Security Hub says": "<description>",
    },
    paths={
        "title": "$.detail.findings[0].Title",
        "severity": "$.detail.findings[0].Severity.Label",
        "product": "$.detail.findings[0].ProductName",
        "resource": "$.detail.findings[0].Resources[0].Id",
        "description": "$.detail.findings[0].Description",
    },
    steps=(
        "Fix it in the stack, and deploy.",
        "The finding is sent again with each update until its workflow status is NOTIFIED, SUPPRESSED or RESOLVED.",
    ),
)


def guard_duty_finding(severity: float) -> Subject:
    """Return the reported events of GuardDuty, which watches accounts and roles rather than tables."""
    return Subject(
        name="GuardDutyFinding",
        happened="Amazon GuardDuty found a threat in the account.",
        pattern={
            "source": ["aws.guardduty"],
            "detail-type": ["GuardDuty Finding"],
            "detail": {"severity": [{"numeric": [">=", severity]}]},
        },
        fields={
            "What": "<finding> (severity <severity>): <title>",
            "Where": "<kind> <user> in account <of-account>",
            "GuardDuty says": "<description>",
            "Finding": "<id>",
        },
        paths={
            "finding": "$.detail.type",
            "severity": "$.detail.severity",
            "title": "$.detail.title",
            "kind": "$.detail.resource.resourceType",
            "user": "$.detail.resource.accessKeyDetails.userName",
            "of-account": "$.detail.accountId",
            "description": "$.detail.description",
            "id": "$.detail.id",
        },
        steps=(
            "Open the finding in the GuardDuty console, and find out which tables the role or key can access.",
            "If it was stolen, revoke its sessions.",
        ),
    )


def access_denied(session_arns: Sequence[str]) -> Subject:
    """Return the reported events of denied requests, except those of some roles.

    Args:
        session_arns: Beginnings of the ARNs of sessions whose denied requests are expected.
    """
    # A caller of another account has no ARN in the record, and `anything-but` matches nothing that is not there.
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    # https://github.com/localstack/localstack/pull/13268
    others = [{"anything-but": {"prefix": list(session_arns)}}, {"exists": False}]
    callers = {"userIdentity": {"arn": others}} if session_arns else {}
    return Subject(
        name="AccessDenied",
        happened="A request to a DynamoDB table, a KMS key or backups was denied.",
        pattern={
            "source": ["aws.backup", "aws.dynamodb", "aws.kms"],
            "detail-type": [API_CALL],
            "detail": {"errorCode": [{"prefix": "AccessDenied"}], **callers},
        },
        # The watch function writes the notice.
        fields={},
        steps=(counted.DENIED.steps,),
        # Most denied requests only read: Decrypt, DescribeTable, GetItem.
        reads=True,
        is_counted=True,
    )
