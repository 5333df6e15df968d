"""Subjects that CloudTrail reports: calls of APIs. They need a trail that logs management events.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.detection.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

API_CALL = "AWS API Call via CloudTrail"
# Elements of a CloudTrail record. Services that call for themselves have no ARN.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
WHO = {
    "event": "$.detail.eventName",
    "who": "$.detail.userIdentity.arn",
    "service": "$.detail.userIdentity.invokedBy",
    "address": "$.detail.sourceIPAddress",
    "error": "$.detail.errorCode",
    "reason": "$.detail.errorMessage",
}
BY = {"Who": "<who> <service> from <address>", "Error, if it failed": "<error> <reason>"}
# Scaling of provisioned capacity, many times a day, and AWS Backup, which deletes old backups each day. Whoever lets it
# delete a recovery point earlier makes a call to AWS Backup, which is in `BackupChanged`.
# https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
_SERVICES = [
    "application-autoscaling.amazonaws.com",
    "backup.amazonaws.com",
    "dynamodb.application-autoscaling.amazonaws.com",
]


def calls(sources: Sequence[str], names: Sequence[str], **detail: Any) -> dict[str, Any]:  # noqa: ANN401 - a pattern
    """Return the pattern of calls of APIs."""
    return {"source": list(sources), "detail-type": [API_CALL], "detail": {"eventName": list(names), **detail}}


# https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html
KEY_CHANGED = Subject(
    name="KeyChanged",
    happened="A KMS key was disabled, scheduled for deletion or weakened, or someone tried to.",
    pattern=calls(
        ["aws.kms"],
        [
            "DeleteImportedKeyMaterial",
            "DisableKey",
            "DisableKeyRotation",
            "PutKeyPolicy",
            "RevokeGrant",
            "ScheduleKeyDeletion",
        ],
    ),
    fields={"What": "<event> of key <key> <key-arn>", **BY},
    paths={**WHO, "key": "$.detail.requestParameters.keyId", "key-arn": "$.detail.resources[0].ARN"},
    steps=(
        "Find out whether this was planned.",
        "If not, run CancelKeyDeletion and EnableKey, restore the template's policy, and enable rotation.",
        "A table whose key is unusable for seven days is archived.",
    ),
    concerns_key=True,
)
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html
TABLE_CHANGED = Subject(
    name="TableChanged",
    happened="A DynamoDB table was deleted or its settings were changed, or someone tried to.",
    pattern=calls(
        ["aws.dynamodb"],
        [
            "DeleteBackup",
            "DeleteResourcePolicy",
            "DeleteTable",
            "DeleteTableReplica",
            "DisableKinesisStreamingDestination",
            "PutResourcePolicy",
            "UpdateContinuousBackups",
            "UpdateGlobalTable",
            "UpdateGlobalTableSettings",
            "UpdateTable",
            "UpdateTimeToLive",
        ],
        sourceIPAddress=[{"anything-but": _SERVICES}],
    ),
    fields={
        "What": "<event> of table <table> <described> <table-arn> <global> <backup>",
        "Point-in-time recovery": "<recovery>",
        "Stream": "<stream>",
        "Deletion protection": "<protection>",
        **BY,
    },
    paths={
        **WHO,
        "table": "$.detail.requestParameters.tableName",
        "described": "$.detail.responseElements.tableDescription.tableName",
        "table-arn": "$.detail.requestParameters.resourceArn",
        "global": "$.detail.requestParameters.globalTableName",
        "backup": "$.detail.requestParameters.backupArn",
        "recovery": "$.detail.requestParameters.pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled",
        "stream": "$.detail.requestParameters.streamSpecification.streamEnabled",
        "protection": "$.detail.requestParameters.deletionProtectionEnabled",
    },
    steps=(
        "Find out whether this was a planned deployment.",
        "If not, deploy the stack again, which restores the settings.",
        "A deleted table with point-in-time recovery has a system backup for 35 days.",
    ),
)
# https://docs.aws.amazon.com/aws-backup/latest/devguide/logging-using-cloudtrail.html
_COPYING = calls(
    ["aws.dynamodb", "aws.backup"],
    [
        "ExportTableToPointInTime",
        "RestoreTableFromAwsBackup",
        "RestoreTableFromBackup",
        "RestoreTableToPointInTime",
        "StartCopyJob",
        "StartRestoreJob",
    ],
)
# AWS Backup's own events, which need no trail.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
_RESTORED = {
    "detail-type": ["Restore Job State Change"],
    "detail": {"resourceType": ["DynamoDB"], "status": ["COMPLETED"]},
}
TABLE_COPIED = Subject(
    name="TableCopied",
    happened="Data of a DynamoDB table was exported, restored or copied elsewhere, or someone tried to.",
    pattern={
        "source": _COPYING["source"],
        "$or": [{"detail-type": _COPYING["detail-type"], "detail": _COPYING["detail"]}, _RESTORED],
    },
    fields={
        "What": "<event> <kind> <status> of <table-arn> <source> <backup> <point> <restored>",
        "To": "<bucket> <target> <vault> <type> <created> <job>",
        **BY,
    },
    paths={
        **WHO,
        "kind": "$.detail-type",
        "status": "$.detail.status",
        "restored": "$.resources[0]",
        "job": "$.detail.restoreJobId",
        "created": "$.detail.createdResourceArn",
        "table-arn": "$.detail.requestParameters.tableArn",
        "source": "$.detail.requestParameters.sourceTableName",
        "backup": "$.detail.requestParameters.backupArn",
        "point": "$.detail.requestParameters.recoveryPointArn",
        "bucket": "$.detail.requestParameters.s3Bucket",
        "target": "$.detail.requestParameters.targetTableName",
        "vault": "$.detail.requestParameters.destinationBackupVaultArn",
        "type": "$.detail.requestParameters.resourceType",
    },
    steps=(
        "Find out who needs the copy. Its bucket, table or vault does not have the table's protection.",
        "If no one does, delete the copy and revoke the role's sessions.",
    ),
)
# The records of Amazon EC2 name several endpoints in a list of one or more.
# https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
ENDPOINT_CHANGED = Subject(
    name="EndpointChanged",
    happened="A VPC endpoint was changed or removed, or someone tried to.",
    pattern=calls(["aws.ec2"], ["DeleteVpcEndpoints", "ModifyVpcEndpoint"]),
    fields={"What": "<event> <changed> <removed>", **BY},
    paths={
        **WHO,
        "changed": "$.detail.requestParameters.ModifyVpcEndpointRequest.VpcEndpointId",
        "removed": "$.detail.requestParameters.DeleteVpcEndpointsRequest.VpcEndpointId",
    },
    steps=(
        "If tables are accessed through it, compare its policy and route tables with the stack's template.",
        "If they differ, deploy the stack again.",
    ),
)
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
TRAIL_CHANGED = Subject(
    name="TrailChanged",
    happened="A CloudTrail trail was stopped, changed or deleted, or someone tried to.",
    pattern=calls(
        ["aws.cloudtrail"],
        [
            "DeleteEventDataStore",
            "DeleteTrail",
            "PutEventSelectors",
            "StopEventDataStoreIngestion",
            "StopLogging",
            "UpdateEventDataStore",
            "UpdateTrail",
        ],
    ),
    fields={"What": "<event> of <trail> <selected> <store>", **BY},
    paths={
        **WHO,
        "trail": "$.detail.requestParameters.name",
        "selected": "$.detail.requestParameters.trailName",
        "store": "$.detail.requestParameters.eventDataStore",
    },
    steps=(
        "Run StartLogging at once: without a trail, no API calls are reported.",
        "Then check CloudTrail's event history for the calls made in between.",
    ),
)
