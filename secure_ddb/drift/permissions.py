"""The permissions of the function that detects drift. Plain data; nothing here loads CDK.

CloudFormation reads the resources of a stack with the permissions of the caller of the detection: what the `read`
handlers of their types name. tests/drift compares the list with CloudFormation's schemas.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.notice import send_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment

# Of the types that constructs of this library make. They read settings, and no items, objects or log events. Of a
# function, its code can be read; that of this library is public.
READ = {
    "access-analyzer": ("GetAnalyzer", "ListAnalyzers", "ListArchiveRules"),
    "application-autoscaling": ("DescribeScalableTargets", "DescribeScalingPolicies"),
    "backup": (
        "DescribeBackupVault",
        "GetBackupPlan",
        "GetBackupSelection",
        "GetBackupVaultAccessPolicy",
        "GetBackupVaultNotifications",
        "GetRestoreTestingPlan",
        "GetRestoreTestingSelection",
        "ListTags",
    ),
    "cloudformation": ("DescribeType",),
    "cloudtrail": (
        "DescribeTrails",
        "GetEventConfiguration",
        "GetEventSelectors",
        "GetInsightSelectors",
        "GetTrail",
        "GetTrailStatus",
        "ListTags",
    ),
    "cloudwatch": ("DescribeAlarms", "GetDashboard", "ListTagsForResource"),
    "config": (
        "DescribeComplianceByConfigRule",
        "DescribeConfigRules",
        "DescribeConfigurationRecorders",
        "DescribeDeliveryChannels",
        "ListTagsForResource",
    ),
    "ec2": ("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcEndpoints", "DescribeVpcs"),
    "events": ("DescribeRule", "ListTagsForResource", "ListTargetsByRule"),
    "firehose": ("DescribeDeliveryStream", "ListTagsForDeliveryStream"),
    "guardduty": ("GetDetector", "ListTagsForResource"),
    "iam": (
        "GetPolicy",
        "GetPolicyVersion",
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListEntitiesForPolicy",
        "ListRolePolicies",
    ),
    "kinesis": ("DescribeStreamSummary", "ListTagsForResource", "ListTagsForStream"),
    "kms": ("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListAliases", "ListResourceTags"),
    "lambda": (
        "GetAlias",
        "GetEventSourceMapping",
        "GetFunction",
        "GetFunctionCodeSigningConfig",
        "GetFunctionConfiguration",
        "GetFunctionEventInvokeConfig",
        "GetFunctionRecursionConfig",
        "GetFunctionScalingConfig",
        "GetPolicy",
        "GetProvisionedConcurrencyConfig",
        "GetRuntimeManagementConfig",
        "ListTags",
    ),
    "logs": (
        "DescribeDestinations",
        "DescribeIndexPolicies",
        "DescribeLogGroups",
        "DescribeLogStreams",
        "DescribeMetricFilters",
        "DescribeResourcePolicies",
        "DescribeSubscriptionFilters",
        "GetDataProtectionPolicy",
        "ListTagsForResource",
    ),
    "s3": (
        "GetAccelerateConfiguration",
        "GetAnalyticsConfiguration",
        "GetBucketCORS",
        "GetBucketLogging",
        "GetBucketNotification",
        "GetBucketObjectLockConfiguration",
        "GetBucketOwnershipControls",
        "GetBucketPolicy",
        "GetBucketPublicAccessBlock",
        "GetBucketTagging",
        "GetBucketVersioning",
        "GetBucketWebsite",
        "GetEncryptionConfiguration",
        "GetIntelligentTieringConfiguration",
        "GetInventoryConfiguration",
        "GetLifecycleConfiguration",
        "GetMetricsConfiguration",
        "GetReplicationConfiguration",
        "ListBucket",
    ),
    "sns": ("GetDataProtectionPolicy", "GetTopicAttributes", "ListSubscriptionsByTopic", "ListTagsForResource"),
    "ssm": ("DescribeDocument", "GetDocument", "ListTagsForResource"),
}
READ_TABLE = (
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeContributorInsights",
    "dynamodb:DescribeKinesisStreamingDestination",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTableReplicaAutoScaling",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:GetResourcePolicy",
    "dynamodb:ListTagsOfResource",
)


def drift_statements(
    environment: StackEnvironment, *, stacks: Sequence[str], tables: Sequence[str], read_actions: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the permissions of the function's role.

    Args:
        environment: Where the stacks are.
        stacks: Their names.
        tables: ARNs of their tables, and of the tables' streams and indexes.
        read_actions: Actions for further types of resources.
    """
    actions = [f"{service}:{name}" for service, names in READ.items() for name in names]
    return [
        {
            "Sid": "DetectDrift",
            "Effect": "Allow",
            "Action": [
                "cloudformation:DescribeStackResourceDrifts",
                "cloudformation:DetectStackDrift",
                "cloudformation:DetectStackResourceDrift",
            ],
            "Resource": [environment.arn("cloudformation", f"stack/{name}/*") for name in stacks],
        },
        {
            "Sid": "AskForResult",
            "Effect": "Allow",
            "Action": [
                "cloudformation:BatchDescribeTypeConfigurations",
                "cloudformation:DescribeStackDriftDetectionStatus",
            ],
            # Neither knows a resource.
            "Resource": "*",
        },
        {
            "Sid": "ReadSettings",
            "Effect": "Allow",
            "Action": [*actions, *read_actions],
            # Which resources a stack has is known to CloudFormation only.
            "Resource": "*",
        },
        *(
            [{"Sid": "ReadTables", "Effect": "Allow", "Action": list(READ_TABLE), "Resource": list(tables)}]
            if tables
            else []
        ),
        send_events(environment),
    ]
