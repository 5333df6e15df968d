"""AWS's own policies beside our roles: each action that concerns what we make is allowed, or left out for a reason.

They are an oracle that is not our reading: what AWS gives a role that its service works with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.policies.requests.key_use import IN_CODE, THROUGH_DYNAMODB, THROUGH_S3
from tests.policies.requests.keys import FIREHOSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.acceptance.requirement import Context

_FOR_SERVICE: Context = {"kms:GrantIsForAWSResource": "true"}


@dataclass(frozen=True, kw_only=True)
class Oracle:
    """A policy of AWS's and the role of ours that does the same for one table.

    Attributes:
        policy: Name of the managed policy.
        role: Our role, by its construct id, or `restoring` for a role that has the policy itself.
        services: The services of which our templates have resources that the role works with.
        resources: Action, or service, to the resource that it is about.
        contexts: Action, or service, to what its request carries.
        left_out: Action to the reason why our role does not have it.
    """

    policy: str
    role: str
    services: frozenset[str]
    resources: Mapping[str, str]
    contexts: Mapping[str, Context] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the names of both."""
        return f"{self.policy} for {self.role}"

    def resource(self, action: str) -> str:
        """Return the resource that an action is about."""
        return self.resources.get(action) or self.resources[action.partition(":")[0]]

    def context(self, action: str) -> Context:
        """Return what a request for an action carries."""
        return self.contexts.get(action, self.contexts.get(action.partition(":")[0], {}))


_NO_COPY = "only with copies, for which tests/restore_testing has the engine decide"
_OTHER_SERVICE = "of another service's resources: Amazon EBS snapshots"
ORACLES = (
    Oracle(
        policy="AWSBackupServiceRolePolicyForBackup",
        role="OrdersBackupRole",
        services=frozenset({"backup", "dynamodb", "kms", "tag"}),
        resources={
            "dynamodb": "table",
            "dynamodb:DescribeBackup": "backup",
            "dynamodb:DeleteBackup": "backup",
            "backup:TagResource": "any recovery point",
            "kms": "key",
        },
        contexts={
            "kms": dict(THROUGH_DYNAMODB),
            "kms:CreateGrant": {**THROUGH_DYNAMODB, **_FOR_SERVICE},
            # Without a condition in AWS's policy.
            "kms:DescribeKey": {},
        },
        left_out={
            "backup:DescribeBackupVault": _NO_COPY,
            "backup:CopyIntoBackupVault": _NO_COPY,
            "backup:CopyFromBackupVault": _NO_COPY,
            "kms:GenerateDataKeyWithoutPlaintext": _OTHER_SERVICE,
            "kms:ReEncryptFrom": _OTHER_SERVICE,
            "kms:ReEncryptTo": _OTHER_SERVICE,
            "tag:GetResources": "the table is selected by its ARN, not by tags",
        },
    ),
    Oracle(
        policy="AWSLambdaDynamoDBExecutionRole",
        role="OrdersAuditRole",
        services=frozenset({"dynamodb", "logs"}),
        resources={"dynamodb": "stream", "logs": "audit log"},
        contexts={"logs": IN_CODE},
        left_out={
            "dynamodb:ListStreams": (
                "granted on the stream, as Serverless Framework does; IAM knows it for all resources only, and Lambda "
                "accepts such roles"
            ),
            "logs:CreateLogGroup": "the log group is made with the table, encrypted and with a retention",
        },
    ),
    Oracle(
        policy="AWSServiceRoleForLogDeliveryPolicy",
        role="OrdersAuditArchiveSubscriptionRole",
        services=frozenset({"firehose", "kms"}),
        resources={"firehose": "delivery stream", "kms": "key"},
        contexts={"kms": dict(FIREHOSE)},
        left_out={
            "firehose:ListTagsForDeliveryStream": "for the tag LogDeliveryEnabled of vended logs, not for subscriptions"
        },
    ),
    Oracle(
        policy="AWSDiscoveryContinuousExportFirehosePolicy",
        role="OrdersAuditArchiveRole",
        services=frozenset({"glue", "logs", "s3"}),
        resources={
            "logs": "error log",
            "s3": "archive bucket",
            "s3:AbortMultipartUpload": "object in the archive bucket",
            "s3:GetObject": "object in the archive bucket",
            "s3:PutObject": "object in the archive bucket",
        },
        contexts={"kms": dict(THROUGH_S3)},
        left_out={"glue:GetTableVersions": "the archive keeps lines as they are; no record format is converted"},
    ),
    # A role for restores is the operator's. It meets the policies of our key and table.
    Oracle(
        policy="AWSBackupServiceRolePolicyForRestores",
        role="restoring",
        services=frozenset({"dynamodb", "kms"}),
        resources={
            "dynamodb": "table",
            "dynamodb:RestoreTableFromBackup": "backup",
            "kms": "key",
        },
        contexts={
            "kms": dict(THROUGH_DYNAMODB),
            "kms:CreateGrant": {**THROUGH_DYNAMODB, **_FOR_SERVICE},
            "kms:DescribeKey": {},
        },
    ),
)
# What works on the table in the name of a service-linked role: policy to role. None of our policies may deny it.
SERVICE_LINKED = {
    "AWSApplicationAutoscalingDynamoDBTablePolicy": (
        "dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
    ),
    "AWSBackupServiceLinkedRolePolicyForBackup": "backup.amazonaws.com/AWSServiceRoleForBackup",
    "DynamoDBReplicationServiceRolePolicy": ("replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"),
}
