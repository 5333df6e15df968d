"""What the guardrails leave allowed on the resources that they keep, action by action, each with a reason (IAM-5)."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from secure_ddb.access.guardrails import KEPT_OF_IDENTITIES, KEPT_OF_RESOURCES, KEPT_OF_SERVICE_ROLES, KEPT_OF_TABLES
from tests.policies.service_actions import Action, actions_of, covers, exists

DENIED = (*KEPT_OF_TABLES, *KEPT_OF_RESOURCES, *KEPT_OF_IDENTITIES, *KEPT_OF_SERVICE_ROLES)
TAGS = "no policy of ours looks at the tags of these resources"
NEW = "makes a new resource, and changes none that is there"
# Of actions without a kind of resource.
ACCOUNT = ""


class Kept(NamedTuple):
    """What a service has that the guardrails keep.

    Attributes:
        resources: The kinds of resources; `ACCOUNT` for actions that name none.
        left: The actions that stay allowed, by the reason.
    """

    resources: set[str]
    left: dict[str, str]


KEPT = {
    "dynamodb": Kept(
        {"table", "index", "stream", "backup", "global-table"},
        {
            "items are what applications write; grants limit that": (
                "BatchWriteItem DeleteItem PartiQLDelete PartiQLInsert PartiQLUpdate PutItem UpdateItem"
            ),
            "backups are made under the table's key, and the guardrails keep them": "CreateBackup StartAwsBackupJob",
            NEW: "CreateTable ImportTable",
            "DynamoDB's own, which the policy of the table would have to allow": (
                "ReplicateSettings WriteDataForReplication"
            ),
            "throughput is no guarantee": "UpdateTableReplicaAutoScaling",
            TAGS: "TagResource UntagResource",
        },
    ),
    "kms": Kept(
        {"key", ACCOUNT},
        {
            "the key's policy decides who uses it, and how": (
                "CreateGrant Decrypt DeriveSharedSecret Encrypt GenerateDataKey GenerateDataKeyPair "
                "GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom "
                "ReEncryptFrom ReEncryptTo Sign Verify VerifyMac"
            ),
            "undoes what would have harmed the key": "CancelKeyDeletion EnableKey",
            "a key keeps all its material; new material only joins it": "ImportKeyMaterial RotateKeyOnDemand",
            "policies and tables name the key, not its alias": "CreateAlias DeleteAlias UpdateAlias",
            "a text for people": "UpdateKeyDescription",
            "AWS's own, for replicas": "SynchronizeMultiRegionKey",
            "our keys are in no custom key store": (
                "ConnectCustomKeyStore CreateCustomKeyStore DeleteCustomKeyStore DisconnectCustomKeyStore "
                "UpdateCustomKeyStore"
            ),
            NEW: "CreateKey",
            TAGS: "TagResource UntagResource",
        },
    ),
    "backup": Kept(
        {"backupVault", "recoveryPoint", "backupPlan", "legalHold", "restoreTestingPlan", ACCOUNT},
        {
            "one more backup harms nothing": "StartBackupJob",
            "keeps recovery points longer": "CreateLegalHold",
            "ends what would have made copies": (
                "DeleteRestoreTestingPlan DeleteRestoreTestingSelection RevokeRestoreAccessBackupVault"
            ),
            "of the result of a restore test": "PutRestoreValidationResult",
            # https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-backup.html
            "searches and scans files, which DynamoDB's recovery points do not have": (
                "ListIndexedRecoveryPointsForSearch SearchRecoveryPoint StartScanJob"
            ),
            TAGS: "TagResource UntagResource",
        },
    ),
    "lambda": Kept(
        {"function", "function alias", "function version", "eventSourceMapping", ACCOUNT},
        {
            "the audit function's role reads its own stream only, and a second line of a change is reported": (
                "CreateEventSourceMapping"
            ),
            "nothing calls a version": "PublishVersion",
            "Lambda@Edge's own": "DisableReplication EnableReplication",
            NEW: "CreateCodeSigningConfig CreateFunction CreateMicrovmImage",
            "of other compute than functions": "ConnectMicrovm PassNetworkConnector",
            TAGS: "TagResource UntagResource",
        },
    ),
    "logs": Kept(
        {"log-group", "log-stream", ACCOUNT},
        {
            "functions write lines so; the chain shows what is missing": "CreateLogStream PutLogEvents",
            "copies for those who may read the log; no line has a value": (
                "AssociateSourceToS3TableIntegration CancelExportTask CreateExportTask "
                "DisassociateSourceFromS3TableIntegration Link PutIntegration"
            ),
            "the log group takes no tokens, and to let it is denied": "CallWithBearerToken",
            "reads the log and changes no line": "CreateLogAnomalyDetector PutIndexPolicy PutQueryDefinition",
            "of logs that AWS services deliver": "CreateLogDelivery UpdateLogDelivery",
            "lines of CloudTrail Lake, in a log group of their own": "CancelImportTask CreateImportTask",
            # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutStorageTierPolicy.html
            "moves lines that are rarely read to cheaper storage": "PutStorageTierPolicy",
            NEW: "CreateLogGroup",
            TAGS: "TagLogGroup TagResource UntagLogGroup UntagResource",
        },
    ),
    "cloudtrail": Kept(
        {"trail", "eventdatastore"},
        {
            "undoes what would have ended a record": "RestoreEventDataStore StartEventDataStoreIngestion StartLogging",
            "reads events, or shows them elsewhere": (
                "CancelQuery DisableFederation EnableFederation GenerateQuery StartQuery"
            ),
            NEW: "CreateChannel CreateEventDataStore CreateTrail",
            TAGS: "AddTags RemoveTags",
        },
    ),
    "firehose": Kept(
        {"deliverystream"},
        {
            "the log's subscription writes so": "PutRecord PutRecordBatch",
            "encrypts": "StartDeliveryStreamEncryption",
            NEW: "CreateDeliveryStream",
            TAGS: "TagDeliveryStream UntagDeliveryStream",
        },
    ),
    "s3": Kept(
        {"bucket", "object"},
        {
            "the bucket's policy names who writes": (
                "InitiateReplication ObjectOwnerOverrideToBucketOwner PutObject PutObjectAnnotation "
                "PutObjectVersionAnnotation"
            ),
            "the bucket's policy denies replicas from other buckets": (
                "ReplicateDelete ReplicateObject ReplicateObjectAnnotation ReplicateTags"
            ),
            "the lock keeps every version, and the bucket's policy denies delete markers": (
                "DeleteObject DeleteObjectAnnotation DeleteObjectVersion DeleteObjectVersionAnnotation"
            ),
            "the bucket's policy denies other locks": "PutObjectLegalHold PutObjectRetention",
            "our buckets have no access control lists": "PutObjectAcl PutObjectVersionAcl",
            "our buckets are not replicated": "PauseReplication",
            "lists names and sizes of objects": (
                "CreateBucketMetadataTableConfiguration PutAnalyticsConfiguration PutInventoryConfiguration "
                "PutMetricsConfiguration UpdateBucketMetadataAnnotationTableConfiguration "
                "UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration"
            ),
            "speed and price, and the objects stay": (
                "PutAccelerateConfiguration PutIntelligentTieringConfiguration RestoreObject"
            ),
            "leaves no object behind": "AbortMultipartUpload",
            NEW: "CreateBucket",
            TAGS: (
                "DeleteObjectTagging DeleteObjectVersionTagging PutObjectTagging PutObjectVersionTagging TagResource "
                "UntagResource"
            ),
        },
    ),
    "sns": Kept(
        {"topic"},
        {
            "alarms publish; the topic's policy names them": "Publish",
            "one more reader takes nothing from the others": "ConfirmSubscription Subscribe",
            "of a topic that exists it changes nothing": "CreateTopic",
            TAGS: "TagResource UntagResource",
        },
    ),
    "cloudwatch": Kept(
        {"alarm", "alarm-mute-rule"},
        {
            "undoes what would have silenced an alarm": "EnableAlarmActions",
            TAGS: "TagResource UntagResource",
        },
    ),
    "events": Kept(
        {"rule-on-default-event-bus"},
        {
            "undoes what would have silenced a rule": "EnableRule",
            TAGS: "TagResource UntagResource",
        },
    ),
    "ec2": Kept(
        {"vpc-endpoint"},
        {
            "analyses or mirrors traffic to somewhere else than DynamoDB": (
                "CreateNetworkInsightsPath CreateTrafficMirrorTarget"
            ),
            "tells of connections of interface endpoints": (
                "CreateVpcEndpointConnectionNotification DeleteVpcEndpointConnectionNotifications "
                "ModifyVpcEndpointConnectionNotification"
            ),
            TAGS: "CreateTags DeleteTags",
        },
    ),
    "iam": Kept({"role", "policy", "saml-provider", "oidc-provider"}, {}),
}


def left_of(service: str) -> set[str]:
    return {f"{service}:{name}" for names in KEPT[service].left.values() for name in names.split()}


def allowed_on(service: str, actions: tuple[Action, ...]) -> set[str]:
    """Return what changes the resources that are kept, and no guardrail denies."""
    resources = KEPT[service].resources
    return {
        action.name
        for action in actions
        if not action.only_reads
        and (action.resources & resources or (not action.resources and ACCOUNT in resources))
        and not covers(DENIED, action.name)
    }


@pytest.mark.parametrize("service", KEPT)
def test_every_change_is_denied_or_left_for_a_reason(service: str) -> None:
    unexplained = allowed_on(service, actions_of(service)) - left_of(service)
    assert sorted(unexplained) == [], "deny it in secure_ddb/access/guardrails.py, or say above why it stays allowed"


@pytest.mark.parametrize("service", KEPT)
def test_every_reason_is_still_needed(service: str) -> None:
    assert sorted(left_of(service) - allowed_on(service, actions_of(service))) == []


def test_a_new_change_would_be_found() -> None:
    new = Action("kms:GiveAway", frozenset({"Write"}), frozenset({"key"}))
    assert allowed_on("kms", (new,)) - left_of("kms") == {"kms:GiveAway"}


def test_every_kind_of_resource_that_the_guardrails_name_is_looked_at() -> None:
    assert {name.partition(":")[0] for name in DENIED} - set(KEPT) == {
        "observabilityadmin"
    }  # pipelines are new each time


def test_every_action_that_the_guardrails_deny_exists() -> None:
    assert [pattern for pattern in DENIED if not exists(pattern)] == []


def test_reading_stays_allowed() -> None:
    denied = [
        action.name
        for service in KEPT
        for action in actions_of(service)
        if action.only_reads and covers(DENIED, action.name)
    ]
    assert denied == []
